// Ledger room, read side. The steps of a job with their attempts and captures, whole or page by page.
import type { Meters } from '@fairmeter/domain';
import { NOT_RECORDED, SUPERSEDED, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { In, MoreThan } from 'typeorm';
import { AttemptRow } from '../rows/attempt.row.js';
import { StepRow } from '../rows/step.row.js';
import type { Captures, OfJob } from './captures.reads.js';
import { readCaptures } from './captures.reads.js';
import type { AttemptView, StepHead, StepView } from './job-views.js';

export interface StepsQuery {
  /** The ordinal of the last step seen; 0 begins. */
  readonly after: number;
  readonly limit: number;
}

export interface StepsPage {
  readonly steps: readonly StepView[];
  /** The ordinal after which the next page goes on; null where there is none. */
  readonly next: number | null;
}

export async function readStepsPage(tx: EntityManager, job: OfJob, query: StepsQuery): Promise<StepsPage> {
  const { rows, next } = await readStepRows(tx, job.id, query);
  const ordinals = rows.map(({ ordinal }) => ordinal);
  const attempts = await readAttempts(tx, job.id, ordinals);
  const captures = await readCaptures(tx, job, ordinals);
  return { steps: rows.map((row) => stepView(row, attempts, captures)), next };
}

/** One more than asked for tells whether there is a next page. */
async function readStepRows(
  tx: EntityManager,
  jobId: string,
  { after, limit }: StepsQuery,
): Promise<{ readonly rows: readonly StepRow[]; readonly next: number | null }> {
  const found = await tx.getRepository(StepRow).find({
    where: { jobId, ordinal: MoreThan(after) },
    order: { ordinal: 'ASC' },
    take: limit + 1,
  });
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? (rows.at(-1)?.ordinal ?? null) : null };
}

export async function findStep(tx: EntityManager, job: OfJob, ordinal: number): Promise<StepView | null> {
  const row = await tx.getRepository(StepRow).findOneBy({ jobId: job.id, ordinal });
  if (row === null) return null;
  return stepView(row, await readAttempts(tx, job.id, [ordinal]), await readCaptures(tx, job, [ordinal]));
}

/** The try of a step that is under way; null where none is. */
export async function findOpenAttempt(tx: EntityManager, jobId: string, ordinal: number): Promise<number | null> {
  const open = await tx.getRepository(AttemptRow).findOneBy({ jobId, ordinal, state: 'open' });
  return open?.number ?? null;
}

/** How many tries of a step brought an answer, or were to, that nobody wrote down. A provider's fault is written. */
export async function countUnwrittenAttempts(tx: EntityManager, jobId: string, ordinal: number): Promise<number> {
  const ofStep = { jobId, ordinal };
  return tx.getRepository(AttemptRow).countBy([
    { ...ofStep, state: 'open' },
    { ...ofStep, fault: In([SUPERSEDED, NOT_RECORDED]) },
  ]);
}

export async function readAllSteps(tx: EntityManager, job: OfJob, captures: Captures): Promise<StepView[]> {
  const rows = await tx.getRepository(StepRow).find({ where: { jobId: job.id }, order: { ordinal: 'ASC' } });
  const attempts = await readAttempts(tx, job.id, null);
  return rows.map((row) => stepView(row, attempts, captures));
}

type Attempts = ReadonlyMap<number, readonly AttemptView[]>;

async function readAttempts(tx: EntityManager, jobId: string, ordinals: readonly number[] | null): Promise<Attempts> {
  const rows = await tx.getRepository(AttemptRow).find({
    where: { jobId, ...(ordinals === null ? {} : { ordinal: In([...ordinals]) }) },
    order: { ordinal: 'ASC', number: 'ASC' },
  });
  const byStep = new Map<number, AttemptView[]>();
  for (const row of rows) {
    const known = byStep.get(row.ordinal);
    if (known === undefined) byStep.set(row.ordinal, [attemptView(row)]);
    else known.push(attemptView(row));
  }
  return byStep;
}

function stepHead(row: StepRow): StepHead {
  const { ordinal, iteration, kind, stage, model, tool, state, chargeClass, charge, writtenOff } = row;
  const { verdict, report, resultBytes, startedAt, endedAt } = row;
  const what = { ordinal, iteration, kind, stage, model, tool, state, chargeClass, charge, writtenOff };
  return { ...what, verdict, report, resultBytes, startedAt, endedAt };
}

function stepView(row: StepRow, attempts: Attempts, { paidFrom, borne }: Captures): StepView {
  return {
    ...stepHead(row),
    paidFrom: paidFrom.get(row.ordinal) ?? [],
    borne: borne.get(row.ordinal) ?? ZERO,
    attempts: attempts.get(row.ordinal) ?? [],
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
    unmetered: row.unmetered,
    providerRequestId: row.providerRequestId,
    region: row.region,
    latencyMs: row.latencyMs,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
  };
}
