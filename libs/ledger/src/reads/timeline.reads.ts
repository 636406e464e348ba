// Ledger room, read side. A job in time: when its steps and attempts began and ended, when it waited, what came back.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { JobRow } from '../rows/job.row.js';
import { readFindings, readRefunds } from './job-cost.reads.js';
import type { AttemptView, FindingView, JobView, RefundView, StepHead } from './job-views.js';
import type { StepsQuery } from './steps.reads.js';
import { readAttempts, readStepRows, stepHead } from './steps.reads.js';

export interface PauseView {
  readonly seq: bigint;
  readonly from: Instant;
  /** Null while the job still waits. */
  readonly to: Instant | null;
  /** The event that announced it, in its wire form. */
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface TimelineStep extends StepHead {
  readonly attempts: readonly AttemptView[];
}

export interface TimelineView {
  readonly job: JobView;
  readonly steps: readonly TimelineStep[];
  readonly next: number | null;
  readonly pauses: readonly PauseView[];
  readonly refunds: readonly RefundView[];
  readonly findings: readonly FindingView[];
}

export async function readTimeline(tx: EntityManager, jobId: string, query: StepsQuery): Promise<TimelineView | null> {
  const job = await tx.getRepository(JobRow).findOneBy({ id: jobId });
  if (job === null) return null;
  const { rows, next } = await readStepRows(tx, jobId, query);
  const attempts = await readAttempts(
    tx,
    jobId,
    rows.map(({ ordinal }) => ordinal),
  );
  return {
    job,
    steps: rows.map((row) => ({ ...stepHead(row), attempts: attempts.get(row.ordinal) ?? [] })),
    next,
    pauses: await readPauses(tx, jobId),
    refunds: await readRefunds(tx, job),
    findings: await readFindings(tx, jobId),
  };
}

interface PauseRow {
  readonly scope_seq: string;
  readonly began: Date;
  readonly ended: Date | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** From the event that says it waits to the step or the end that comes after; said twice it is still one pause. */
async function readPauses(tx: EntityManager, jobId: string): Promise<PauseView[]> {
  const rows = await tx.query<PauseRow[]>(
    `SELECT * FROM (
       SELECT DISTINCT ON (after.scope_seq) waits.scope_seq::text, waits.effective_at AS began,
         after.effective_at AS ended, waits.payload
       FROM ledger.outbox waits LEFT JOIN LATERAL (
         SELECT scope_seq, effective_at FROM ledger.outbox
         WHERE job_id = waits.job_id AND scope_seq > waits.scope_seq AND type IN ('step.started', 'job.ended')
         ORDER BY scope_seq LIMIT 1) after ON true
       WHERE waits.job_id = $1 AND waits.type = 'job.awaiting_credits'
       ORDER BY after.scope_seq, waits.scope_seq) pauses
     ORDER BY began, scope_seq`,
    [jobId],
  );
  return rows.map((row) => ({
    seq: BigInt(row.scope_seq),
    from: instantOfDate(row.began),
    to: row.ended === null ? null : instantOfDate(row.ended),
    payload: row.payload,
  }));
}
