// Ledger room, read side. What a usage review looks at: the jobs of a thread one by one, what failed in them, and what
// tasks like them cost.
import type { ContextClass, Instant, JobState, LikeTasks, MicroCredits, RequestKind } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';

/**
 * A thread as its live jobs know it; of a job without a thread that job. In the books of one account: what it was
 * before or after its bot moved is another thread, and so are test jobs under its name, which cost nobody anything.
 */
export interface JobsOfThread {
  readonly accountId: string;
  readonly botId: string;
  readonly threadId: string | null;
  readonly jobId: string | null;
  /** The person or visitor whose thread it is; null: of any key. */
  readonly somebody: string | null;
}

export interface ReviewedJob {
  readonly id: string;
  readonly requestKind: RequestKind;
  readonly model: string;
  readonly state: JobState;
  readonly endReason: string | null;
  readonly iterations: number;
  readonly steps: number;
  readonly contextTokens: number;
  readonly charge: MicroCredits;
  readonly refunded: MicroCredits;
  readonly promptRef: string;
  readonly payer: string;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
}

interface ReviewedJobRow {
  readonly id: string;
  readonly request_kind: RequestKind;
  readonly model: string;
  readonly state: JobState;
  readonly end_reason: string | null;
  readonly iteration: number;
  readonly steps_ended: number;
  readonly context_tokens: number;
  readonly charge: string;
  readonly refunded: string;
  readonly prompt_ref: string;
  readonly scope_id: string;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** Somebody who looks at each of them has enough with the latest of so many. */
export const MOST_REVIEWED_JOBS = 300;

const SOMEBODY = `CASE WHEN requester_kind IN ('person', 'visitor') THEN requester_id END`;
const OF_THREAD = `account_id = $1 AND bot_id = $2 AND ${inEnvironment('scope_id', 'live')}
  AND (thread_id = $3 AND ${SOMEBODY} IS NOT DISTINCT FROM $4::text OR thread_id IS NULL AND id = $5)`;

function named({ accountId, botId, threadId, somebody, jobId }: JobsOfThread): readonly unknown[] {
  return [accountId, botId, threadId, somebody, jobId];
}

/** The latest of something, and how many there are in all. */
export interface LatestOf<T> {
  readonly latest: readonly T[];
  readonly inAll: number;
}

/** The latest, in the order in which they began. */
export async function readReviewedJobs(tx: EntityManager, thread: JobsOfThread): Promise<ReviewedJob[]> {
  const rows = await tx.query<ReviewedJobRow[]>(
    `SELECT id, request_kind, model, state, end_reason, iteration, steps_ended, context_tokens, charge::text,
       refunded::text, prompt_ref, scope_id, created_at, ended_at
     FROM ledger.jobs WHERE ${OF_THREAD} ORDER BY id DESC LIMIT ${MOST_REVIEWED_JOBS}`,
    [...named(thread)],
  );
  return rows.reverse().map(reviewedJob);
}

/** `latest`: those that are looked at. Where they are all, nobody need count. */
export async function countReviewedJobs(
  tx: EntityManager,
  thread: JobsOfThread,
  latest: readonly ReviewedJob[],
): Promise<number> {
  if (latest.length < MOST_REVIEWED_JOBS) return latest.length;
  const [row] = await tx.query<{ jobs: number }[]>(`SELECT count(*)::int AS jobs FROM ledger.jobs WHERE ${OF_THREAD}`, [
    ...named(thread),
  ]);
  return row?.jobs ?? 0;
}

function reviewedJob(row: ReviewedJobRow): ReviewedJob {
  return {
    id: row.id,
    requestKind: row.request_kind,
    model: row.model,
    state: row.state,
    endReason: row.end_reason,
    iterations: row.iteration,
    steps: row.steps_ended,
    contextTokens: row.context_tokens,
    charge: parseMicroCredits(row.charge),
    refunded: parseMicroCredits(row.refunded),
    promptRef: row.prompt_ref,
    payer: row.scope_id,
    createdAt: instantOfDate(row.created_at),
    endedAt: row.ended_at === null ? null : instantOfDate(row.ended_at),
  };
}

export async function hasJobsSince(tx: EntityManager, thread: JobsOfThread, at: Instant): Promise<boolean> {
  const rows = await tx.query<unknown[]>(`SELECT id FROM ledger.jobs WHERE ${OF_THREAD} AND created_at > $6 LIMIT 1`, [
    ...named(thread),
    new Date(at),
  ]);
  return rows.length > 0;
}

/** What came back of jobs under one key of theirs, by the scope that had paid and has it again. */
export async function readReturned(
  tx: EntityManager,
  jobIds: readonly string[],
  refundKey: string,
): Promise<ReadonlyMap<string, MicroCredits>> {
  const rows = await tx.query<{ scope_id: string; amount: string }[]>(
    `SELECT scope_id, sum(amount)::text AS amount FROM ledger.entries
     WHERE job_id = ANY ($1) AND operation_key = job_id || ':refund:' || $2::text
       AND from_account = 'consumed:' || scope_id
     GROUP BY scope_id`,
    [jobIds, refundKey],
  );
  return new Map(rows.map(({ scope_id: scopeId, amount }) => [scopeId, parseMicroCredits(amount)]));
}

/** Which steps the jobs of a thread have, by job. */
export async function readStepsOfThread(
  tx: EntityManager,
  thread: JobsOfThread,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const rows = await tx.query<{ id: string; steps: number[] }[]>(
    `SELECT j.id, coalesce(array_agg(s.ordinal) FILTER (WHERE s.ordinal IS NOT NULL), '{}') AS steps
     FROM (SELECT id FROM ledger.jobs WHERE ${OF_THREAD} ORDER BY id DESC LIMIT ${MOST_REVIEWED_JOBS}) j
     LEFT JOIN ledger.steps s ON s.job_id = j.id GROUP BY j.id`,
    [...named(thread)],
  );
  return new Map(rows.map(({ id, steps }) => [id, new Set(steps)]));
}

/** Previews and builds that were not green, counted where they stand: the jobs of a thread may have many steps. */
export async function countFailedBuilds(tx: EntityManager, jobIds: readonly string[]): Promise<number> {
  const [row] = await tx.query<{ failed: number }[]>(
    `SELECT count(*)::int AS failed FROM ledger.steps
     WHERE job_id = ANY ($1) AND state = 'ended' AND report -> 'seen' ->> 'kind' IN ('preview', 'build')
       AND report -> 'seen' ->> 'green' IS DISTINCT FROM 'true'`,
    [jobIds],
  );
  return row?.failed ?? 0;
}

export interface ThreadOwnersQuery extends Pick<JobsOfThread, 'accountId' | 'botId'> {
  readonly threadId: string;
  /** Whose threads alone; null: everybody's. */
  readonly of: string | null;
  /** Told first, where they have one. */
  readonly first: string;
}

/** Whose threads go by that name at that bot, two of them at most; null stands for those of keys. */
export async function readThreadOwners(
  tx: EntityManager,
  { accountId, botId, threadId, of, first }: ThreadOwnersQuery,
): Promise<readonly (string | null)[]> {
  const rows = await tx.query<{ somebody: string | null }[]>(
    `SELECT somebody FROM (SELECT DISTINCT ${SOMEBODY} AS somebody FROM ledger.jobs
       WHERE account_id = $1 AND bot_id = $2 AND thread_id = $3 AND ${inEnvironment('scope_id', 'live')}
         AND ($4::text IS NULL OR ${SOMEBODY} = $4)) owners
     ORDER BY somebody IS NOT DISTINCT FROM $5::text DESC LIMIT 2`,
    [accountId, botId, threadId, of, first],
  );
  return rows.map(({ somebody }) => somebody);
}

/** In whose books the latest job of a visitor's thread is, as far as whoever asks may see it; null: there is none. */
export async function findBooksOfThread(
  tx: EntityManager,
  thread: { readonly botId: string; readonly threadId: string; readonly visitorId: string },
): Promise<string | null> {
  const [row] = await tx.query<{ account_id: string }[]>(
    `SELECT account_id FROM ledger.jobs WHERE bot_id = $1 AND thread_id = $2 AND requester_kind = 'visitor'
       AND requester_id = $3 AND ${inEnvironment('scope_id', 'live')} ORDER BY id DESC LIMIT 1`,
    [thread.botId, thread.threadId, thread.visitorId],
  );
  return row?.account_id ?? null;
}

/** One try of a step that failed, and by whose fault. */
export interface FailedTry {
  readonly jobId: string;
  readonly step: number;
  readonly attempt: number;
  readonly fault: string;
  readonly chargeClass: string | null;
}

const MOST_FAILED_TRIES = 500;

/** Of the latest jobs first. */
export async function readFailedTries(tx: EntityManager, jobIds: readonly string[]): Promise<LatestOf<FailedTry>> {
  const rows = await tx.query<(FailedTry & { readonly inAll: number })[]>(
    `SELECT job_id AS "jobId", ordinal AS step, number AS attempt, fault, charge_class AS "chargeClass",
       count(*) OVER ()::int AS "inAll" FROM ledger.attempts
     WHERE job_id = ANY ($1) AND fault IS NOT NULL ORDER BY job_id DESC, ordinal DESC, number DESC
     LIMIT ${MOST_FAILED_TRIES}`,
    [jobIds],
  );
  const latest = rows.reverse().map(({ inAll: _, ...failed }): FailedTry => failed);
  return { latest, inAll: rows[0]?.inAll ?? 0 };
}

export interface LikeTask {
  readonly requestKind: RequestKind;
  readonly model: string;
  readonly context: ContextClass;
  readonly charge: MicroCredits;
  /** What is compared is no sample. */
  readonly exceptJobs: readonly string[];
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
}

/** Of so many of the latest, that a busy model does not take minutes. */
const MOST_LIKE_TASKS = 5_000;

/** Jobs of all accounts, told as figures of all of them together. */
export async function readLikeTasks(tx: EntityManager, like: LikeTask): Promise<LikeTasks> {
  const [row] = await tx.query<{ samples: number; at_most: number; median: string | null; p90: string | null }[]>(
    `WITH alike AS (SELECT charge FROM ledger.jobs
       WHERE request_kind = $1 AND model = $2 AND ended_at >= $3 AND ended_at < $4
         AND context_tokens >= $5 AND ($6::int IS NULL OR context_tokens < $6) AND id <> ALL ($7)
         AND ${inEnvironment('scope_id', 'live')}
       ORDER BY ended_at DESC LIMIT ${MOST_LIKE_TASKS})
     SELECT count(*)::int AS samples, count(*) FILTER (WHERE charge <= $8)::int AS at_most,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY charge)::text AS median,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY charge)::text AS p90 FROM alike`,
    [
      ...[like.requestKind, like.model, new Date(like.from), new Date(like.to)],
      ...[like.context.from, like.context.to, like.exceptJobs, like.charge.toString()],
    ],
  );
  return {
    samples: row?.samples ?? 0,
    atMost: row?.at_most ?? 0,
    median: amountOf(row?.median),
    p90: amountOf(row?.p90),
  };
}

function amountOf(text: string | null | undefined): MicroCredits | null {
  return text === null || text === undefined ? null : parseMicroCredits(text);
}
