// Ledger room, read side. Jobs, their events and where their results are, inside a tenant's transaction.
import type { Instant, Stage } from '@fairmeter/domain';
import { PLANNED_ONCE } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { In, MoreThan } from 'typeorm';
import { JobRow } from '../rows/job.row.js';
import { LoopFindingRow } from '../rows/loop-finding.row.js';
import { OutboxRow } from '../rows/outbox.row.js';
import { StepRow } from '../rows/step.row.js';
import type { JobEventView, JobView } from './job-views.js';

export async function findJobByKeyHash(tx: EntityManager, keyHash: string): Promise<JobView | null> {
  return tx.getRepository(JobRow).findOne({ where: { keyHash }, comment: PLANNED_ONCE });
}

export async function findJob(tx: EntityManager, jobId: string): Promise<JobView | null> {
  return tx.getRepository(JobRow).findOne({ where: { id: jobId }, comment: PLANNED_ONCE });
}

/** When each of them ended, null where it has not; those that the ledger does not know are missing. */
export async function findJobEnds(
  tx: EntityManager,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, Instant | null>> {
  if (jobIds.length === 0) return new Map();
  const where = { id: In([...jobIds]) };
  const jobs = await tx.getRepository(JobRow).find({ where, select: { id: true, endedAt: true } });
  return new Map(jobs.map(({ id, endedAt }) => [id, endedAt]));
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

export async function hasLoopFinding(tx: EntityManager, jobId: string): Promise<boolean> {
  return tx.getRepository(LoopFindingRow).existsBy({ jobId });
}
