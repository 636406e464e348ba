// Ledger room, read side. Jobs, their cost and their events, inside a tenant's transaction.
import type { Meters, Stage } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { MoreThan } from 'typeorm';
import { AttemptRow } from '../rows/attempt.row.js';
import { EntryRow } from '../rows/entry.row.js';
import { JobRow } from '../rows/job.row.js';
import { LotRow } from '../rows/lot.row.js';
import { OutboxRow } from '../rows/outbox.row.js';
import { StepRow } from '../rows/step.row.js';
import type { AttemptView, JobCostView, JobEventView, JobView, LotShare, StepView } from './job-views.js';

export async function findJobByKeyHash(tx: EntityManager, keyHash: string): Promise<JobView | null> {
  return tx.getRepository(JobRow).findOneBy({ keyHash });
}

export async function findJob(tx: EntityManager, jobId: string): Promise<JobView | null> {
  return tx.getRepository(JobRow).findOneBy({ id: jobId });
}

/** All figures from one snapshot: the caller's transaction is repeatable read. */
export async function readJobCost(tx: EntityManager, jobId: string): Promise<JobCostView | null> {
  const job = await tx.getRepository(JobRow).findOneBy({ id: jobId });
  if (job === null) return null;
  const steps = await tx.getRepository(StepRow).find({ where: { jobId }, order: { ordinal: 'ASC' } });
  const attempts = await tx.getRepository(AttemptRow).find({ where: { jobId }, order: { number: 'ASC' } });
  const paid = await readPaidFrom(tx, job);
  return {
    job,
    steps: steps.map((step) =>
      stepView(
        step,
        attempts.filter((attempt) => attempt.ordinal === step.ordinal),
        paid.get(step.ordinal) ?? [],
      ),
    ),
    minimum: job.minimumCharge,
    minimumPaidFrom: paid.get(null) ?? [],
  };
}

/** From the entries themselves: which lots paid which step; no ordinal is the minimum line. */
async function readPaidFrom(tx: EntityManager, job: JobRow): Promise<Map<number | null, LotShare[]>> {
  const entries = await tx.getRepository(EntryRow).find({
    where: { jobId: job.id, toAccount: `consumed:${job.scopeId}` },
    order: { scopeSeq: 'ASC' },
  });
  const lots = await tx
    .getRepository(LotRow)
    .findBy([...new Set(entries.map((entry) => entry.lotId))].flatMap((id) => (id === null ? [] : [{ id }])));
  const kinds = new Map(lots.map((lot) => [lot.id, lot.kind]));
  const paid = new Map<number | null, LotShare[]>();
  for (const entry of entries) {
    if (entry.lotId === null) continue;
    const share = { lotId: entry.lotId, lotKind: kinds.get(entry.lotId) ?? 'unknown', amount: entry.amount };
    paid.set(entry.stepOrdinal, [...(paid.get(entry.stepOrdinal) ?? []), share]);
  }
  return paid;
}

export interface EventPage {
  readonly after: bigint;
  readonly limit: number;
}

export async function readJobEvents(
  tx: EntityManager,
  jobId: string,
  { after, limit }: EventPage,
): Promise<JobEventView[]> {
  const rows = await tx.getRepository(OutboxRow).find({
    where: { jobId, scopeSeq: MoreThan(after) },
    order: { scopeSeq: 'ASC' },
    take: limit,
  });
  return rows.map((row) => ({ seq: row.scopeSeq, at: row.effectiveAt, type: row.type, payload: row.payload }));
}

export interface StepResult {
  readonly ordinal: number;
  readonly iteration: number;
  readonly stage: Stage;
  readonly resultRef: string;
}

/** Where records keeps what earlier steps brought, in order. */
export async function readStepResults(tx: EntityManager, jobId: string): Promise<StepResult[]> {
  const rows = await tx.getRepository(StepRow).find({ where: { jobId, state: 'ended' }, order: { ordinal: 'ASC' } });
  return rows.flatMap(({ ordinal, iteration, stage, resultRef }) =>
    resultRef === null ? [] : [{ ordinal, iteration, stage, resultRef }],
  );
}

function stepView(step: StepRow, attempts: readonly AttemptRow[], paidFrom: readonly LotShare[]): StepView {
  return {
    ordinal: step.ordinal,
    iteration: step.iteration,
    kind: step.kind,
    stage: step.stage,
    model: step.model,
    tool: step.tool,
    state: step.state,
    chargeClass: step.chargeClass,
    charge: step.charge,
    writtenOff: step.writtenOff,
    paidFrom,
    attempts: attempts.map(attemptView),
  };
}

function attemptView(row: AttemptRow): AttemptView {
  const meters: Meters = {
    input: row.inputTokens,
    cachedInput: row.cachedInputTokens,
    cacheWrite: row.cacheWriteTokens,
    output: row.outputTokens,
    reasoning: row.reasoningTokens,
    system: row.systemTokens,
    calls: row.calls,
    milliseconds: row.milliseconds,
    bytes: row.bytes,
  };
  return {
    attempt: row.number,
    state: row.state,
    chargeClass: row.chargeClass,
    fault: row.fault,
    meters,
    providerRequestId: row.providerRequestId,
    latencyMs: row.latencyMs,
  };
}
