// Records room. The jobs of a compensation: what each would get back and what it got, page by page.
import type { MicroCredits, NotCompensated } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** One job of a compensation, as foreseen. */
export interface ForeseenJob {
  readonly jobId: string;
  readonly accountId: string;
  /** What comes back is what is left of them when it is posted. */
  readonly steps: readonly number[];
  readonly foreseen: MicroCredits;
  /** Why nothing does; null where something is foreseen. */
  readonly why: NotCompensated | null;
}

export interface CompensationJob extends ForeseenJob {
  /** Null until it was posted. */
  readonly posted: MicroCredits | null;
  readonly takenBack: MicroCredits;
}

interface JobRow {
  readonly job_id: string;
  readonly account_id: string;
  readonly steps: number[];
  readonly foreseen: string;
  readonly why: NotCompensated | null;
  readonly posted: string | null;
  readonly taken_back: string;
}

const JOB = `SELECT job_id, account_id, steps, foreseen::text, why, posted::text, taken_back::text
  FROM records.compensation_jobs`;

/** Written down before is written down. */
export async function saveForeseen(tx: EntityManager, id: string, jobs: readonly ForeseenJob[]): Promise<void> {
  const rows = jobs.map(({ jobId, accountId, steps, foreseen, why }) => ({
    job_id: jobId,
    account_id: accountId,
    steps,
    foreseen: foreseen.toString(),
    why,
  }));
  await tx.query(
    `INSERT INTO records.compensation_jobs (compensation_id, job_id, account_id, steps, foreseen, why)
     SELECT $1, job_id, account_id, steps, foreseen, why
     FROM jsonb_to_recordset($2::jsonb)
       AS job (job_id text, account_id text, steps integer[], foreseen bigint, why text)
     ON CONFLICT DO NOTHING`,
    [id, JSON.stringify(rows)],
  );
}

export async function nextToPost(tx: EntityManager, id: string, limit: number): Promise<CompensationJob[]> {
  const rows = await tx.query<JobRow[]>(
    `${JOB} WHERE compensation_id = $1 AND posted IS NULL AND why IS NULL ORDER BY job_id LIMIT $2`,
    [id, limit],
  );
  return rows.map(jobOf);
}

export async function savePosted(
  tx: EntityManager,
  id: string,
  posted: ReadonlyMap<string, MicroCredits>,
): Promise<void> {
  await tx.query(
    `UPDATE records.compensation_jobs j SET posted = p.amount, posted_at = clock_timestamp()
     FROM unnest($2::text[], $3::bigint[]) AS p (job_id, amount)
     WHERE j.compensation_id = $1 AND j.job_id = p.job_id AND j.posted IS NULL`,
    [id, [...posted.keys()], [...posted.values()].map(String)],
  );
}

export interface CompensationJobsQuery {
  readonly compensationId: string;
  readonly onlyDifferent: boolean;
  /** The last job seen; null begins. */
  readonly after: string | null;
  readonly limit: number;
}

export async function readCompensationJobs(
  tx: EntityManager,
  { compensationId, onlyDifferent, after, limit }: CompensationJobsQuery,
): Promise<CompensationJob[]> {
  const rows = await tx.query<JobRow[]>(
    `${JOB} WHERE compensation_id = $1 AND ($2::text IS NULL OR job_id > $2)
       AND (NOT $3 OR posted IS DISTINCT FROM foreseen AND posted IS NOT NULL) ORDER BY job_id LIMIT $4`,
    [compensationId, after, onlyDifferent, limit],
  );
  return rows.map(jobOf);
}

/** Held for the transaction. */
export async function lockCompensationJob(
  tx: EntityManager,
  id: string,
  jobId: string,
): Promise<CompensationJob | null> {
  const [row] = await tx.query<JobRow[]>(`${JOB} WHERE compensation_id = $1 AND job_id = $2 FOR UPDATE`, [id, jobId]);
  return row === undefined ? null : jobOf(row);
}

export interface CompensationTotals {
  readonly jobs: number;
  /** Of which so many get something. */
  readonly jobsToPost: number;
  readonly jobsPosted: number;
  readonly foreseen: MicroCredits;
  readonly posted: MicroCredits;
  /** What was foreseen of the jobs that were posted, less what they got. */
  readonly difference: MicroCredits;
  readonly jobsDifferent: number;
  readonly takenBack: MicroCredits;
  readonly notCompensated: Readonly<Partial<Record<NotCompensated, number>>>;
}

export async function readCompensationTotals(tx: EntityManager, id: string): Promise<CompensationTotals> {
  const [row] = await tx.query<Record<string, string>[]>(
    `SELECT count(*)::text AS jobs, count(*) FILTER (WHERE why IS NULL)::text AS to_post, count(posted)::text AS posted,
       coalesce(sum(foreseen), 0)::text AS foreseen, coalesce(sum(posted), 0)::text AS amount,
       coalesce(sum(foreseen - posted), 0)::text AS difference,
       count(*) FILTER (WHERE posted <> foreseen)::text AS different, coalesce(sum(taken_back), 0)::text AS taken_back
     FROM records.compensation_jobs WHERE compensation_id = $1`,
    [id],
  );
  const whys = await tx.query<{ why: NotCompensated; count: number }[]>(
    `SELECT why, count(*)::int AS count FROM records.compensation_jobs
     WHERE compensation_id = $1 AND why IS NOT NULL GROUP BY why`,
    [id],
  );
  const amount = (name: string): MicroCredits => parseMicroCredits(row?.[name] ?? '0');
  return {
    jobs: Number(row?.['jobs'] ?? 0),
    jobsToPost: Number(row?.['to_post'] ?? 0),
    jobsPosted: Number(row?.['posted'] ?? 0),
    foreseen: amount('foreseen'),
    posted: amount('amount'),
    difference: amount('difference'),
    jobsDifferent: Number(row?.['different'] ?? 0),
    takenBack: amount('taken_back'),
    notCompensated: Object.fromEntries(whys.map(({ why, count }) => [why, count])),
  };
}

export interface CompensatedAccount {
  readonly accountId: string;
  /** To lots of its own. */
  readonly posted: MicroCredits;
}

/**
 * Accounts whose own lots got something and to which nothing was announced under that key, in the order of their ids.
 * What a visitor had paid went back to that visitor: no owner can use it, and none is told of it.
 */
export async function findAccountsToTell(
  tx: EntityManager,
  asked: { readonly compensationId: string; readonly onceKey: string; readonly limit: number },
): Promise<CompensatedAccount[]> {
  const rows = await tx.query<{ account_id: string; posted: string }[]>(
    `SELECT j.account_id, sum(j.posted)::text AS posted
     FROM records.compensation_jobs j
     JOIN ledger.jobs paid ON paid.id = j.job_id AND paid.scope_id = 'account/' || j.account_id
     WHERE j.compensation_id = $1 AND j.posted > 0 AND NOT EXISTS (SELECT FROM records.announcements a
       WHERE a.account_id = j.account_id AND a.once_key = $2)
     GROUP BY j.account_id ORDER BY j.account_id LIMIT $3`,
    [asked.compensationId, asked.onceKey, asked.limit],
  );
  return rows.map(({ account_id: accountId, posted }) => ({ accountId, posted: parseMicroCredits(posted) }));
}

/** Whether the person belongs to an account that would get something. */
export async function touchesAccountOf(tx: EntityManager, id: string, userId: string): Promise<boolean> {
  const [row] = await tx.query<{ touches: boolean }[]>('SELECT records.compensation_touches($1, $2) AS touches', [
    id,
    userId,
  ]);
  return row?.touches === true;
}

/** Of somebody of the staff, for a process of ours. */
export async function readAccountsOf(tx: EntityManager, userId: string): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ account_id: string }[]>(
    'SELECT account_id FROM records.memberships WHERE user_id = $1 AND removed_at IS NULL',
    [userId],
  );
  return new Set(rows.map((row) => row.account_id));
}

function jobOf(row: JobRow): CompensationJob {
  return {
    jobId: row.job_id,
    accountId: row.account_id,
    steps: row.steps,
    foreseen: parseMicroCredits(row.foreseen),
    why: row.why,
    posted: row.posted === null ? null : parseMicroCredits(row.posted),
    takenBack: parseMicroCredits(row.taken_back),
  };
}
