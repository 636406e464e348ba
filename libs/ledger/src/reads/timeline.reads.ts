// Ledger room, read side. A job in time: when its steps and attempts began and ended, when it waited, what came back.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { JobRow } from '../rows/job.row.js';
import { millisecondsOf } from '../rows/milliseconds.js';
import { readFindings, readRefunds } from './job-cost.reads.js';
import type { AttemptView, FindingView, JobView, RefundView, StepHead } from './job-views.js';
import type { StepsQuery } from './steps.reads.js';

export interface PauseView {
  readonly seq: bigint;
  readonly from: Instant;
  /** Null while the job still waits. */
  readonly to: Instant | null;
  /** The event that announced it, in its wire form. */
  readonly payload: Readonly<Record<string, unknown>>;
}

export type TimelineAttempt = Pick<
  AttemptView,
  'attempt' | 'state' | 'chargeClass' | 'fault' | 'startedAt' | 'endedAt'
>;

export interface TimelineStep extends Pick<
  StepHead,
  | 'ordinal'
  | 'iteration'
  | 'kind'
  | 'stage'
  | 'model'
  | 'tool'
  | 'state'
  | 'chargeClass'
  | 'charge'
  | 'verdict'
  | 'startedAt'
  | 'endedAt'
> {
  readonly attempts: readonly TimelineAttempt[];
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
  const steps = await readDrawnSteps(tx, jobId, query);
  const page = steps.slice(0, query.limit);
  const last = page.at(-1)?.ordinal ?? query.after;
  const attempts = await readDrawnAttempts(tx, jobId, { from: query.after, to: last });
  return {
    job,
    steps: page.map((step) => ({ ...step, attempts: attempts.get(step.ordinal) ?? [] })),
    next: steps.length > query.limit ? last : null,
    pauses: await readPauses(tx, jobId),
    refunds: await readRefunds(tx, job),
    findings: await readFindings(tx, jobId),
  };
}

// A page has a thousand steps: instants come as counts and rows stay plain, or building them would take the most time.
interface DrawnStepRow extends Omit<TimelineStep, 'charge' | 'attempts'> {
  readonly charge: string;
}

/** One more than asked for tells whether there is a next page. */
async function readDrawnSteps(
  tx: EntityManager,
  jobId: string,
  { after, limit }: StepsQuery,
): Promise<Omit<TimelineStep, 'attempts'>[]> {
  const rows = await tx.query<DrawnStepRow[]>(
    `SELECT ordinal, iteration, kind, stage, model, tool, state, charge_class AS "chargeClass", charge::text, verdict,
       ${millisecondsOf('started_at')} AS "startedAt", ${millisecondsOf('ended_at')} AS "endedAt"
     FROM ledger.steps WHERE job_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3`,
    [jobId, after, limit + 1],
  );
  return rows.map((row) => ({ ...row, charge: parseMicroCredits(row.charge) }));
}

async function readDrawnAttempts(
  tx: EntityManager,
  jobId: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<number, readonly TimelineAttempt[]>> {
  const rows = await tx.query<(TimelineAttempt & { readonly ordinal: number })[]>(
    `SELECT ordinal, number AS attempt, state, charge_class AS "chargeClass", fault,
       ${millisecondsOf('started_at')} AS "startedAt", ${millisecondsOf('ended_at')} AS "endedAt"
     FROM ledger.attempts WHERE job_id = $1 AND ordinal > $2 AND ordinal <= $3 ORDER BY ordinal, number`,
    [jobId, from, to],
  );
  const byStep = new Map<number, TimelineAttempt[]>();
  for (const { ordinal, ...attempt } of rows) {
    const known = byStep.get(ordinal);
    if (known === undefined) byStep.set(ordinal, [attempt]);
    else known.push(attempt);
  }
  return byStep;
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
