// Ledger room, read side. What the jobs of an account say about how it works: the figures that tips are told by.
import type { Environment, Instant, LoopCause, WorkMeasures } from '@fairmeter/domain';
import { environmentOf } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';
import { askedByPerson } from '../rows/requesters.js';
import type { JobView } from './job-views.js';

interface WorkRow {
  readonly charged_jobs: string;
  readonly tiny_jobs: string;
  readonly failed_jobs: string;
  readonly cut_short_jobs: string;
  readonly repeated_jobs: string;
  readonly dearest_percent: string;
}

/**
 * The provider took what was sent for no request, or the work went in circles that were not ours: the last loop found
 * is the one that stopped its job. Of its cause the last word counts.
 */
const FAILED_BY_ITS_WORK = `(end_reason = 'provider_refused' OR end_reason = 'loop_detected' AND (
    SELECT coalesce(said.cause, f.cause) FROM ledger.loop_findings f
    LEFT JOIN jsonb_to_recordset($4::jsonb) AS said ("jobId" text, number integer, cause text)
      ON said."jobId" = f.job_id AND said.number = f.number
    WHERE f.job_id = j.id ORDER BY f.number DESC LIMIT 1
  ) IS DISTINCT FROM 'platform_fault')`;

/** Jobs with a minimum line are those that cost no more than it. */
const workIn = ({ environment, person }: Stretch): string => `SELECT count(*) FILTER (WHERE charge > 0) AS charged_jobs,
  count(*) FILTER (WHERE minimum_charge > 0) AS tiny_jobs,
  count(*) FILTER (WHERE state IN ('failed', 'stopped_loop') AND ${FAILED_BY_ITS_WORK}) AS failed_jobs,
  count(*) FILTER (WHERE end_reason IN ('budget_reached', 'credits_exhausted')) AS cut_short_jobs,
  count(*) - count(DISTINCT (bot_id, body_hash)) AS repeated_jobs,
  coalesce(floor(100 * max(charge) / nullif(avg(charge) FILTER (WHERE charge > 0), 0)), 0) AS dearest_percent
FROM ledger.jobs j WHERE account_id = $1 AND ended_at >= $2 AND ended_at < $3
  AND ${inEnvironment('scope_id', environment)} ${person === undefined ? '' : `AND ${askedByPerson('j', '$5')}`}`;

/** What was said of a loop's cause after it was found. */
export interface SaidOfLoop {
  readonly jobId: string;
  /** Of the finding. */
  readonly number: number;
  readonly cause: LoopCause;
}

export interface Stretch {
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  readonly environment: Environment;
  /** Whose requests alone; left out, everybody's. */
  readonly person?: string | undefined;
  /** The last word on each loop of which anything was said. */
  readonly said: readonly SaidOfLoop[];
}

/** Of the jobs that ended in that time. */
export async function readWork(tx: EntityManager, accountId: string, stretch: Stretch): Promise<WorkMeasures> {
  const { from, to, person, said } = stretch;
  const values = [accountId, new Date(from).toISOString(), new Date(to).toISOString(), JSON.stringify(said)];
  const [row] = await tx.query<WorkRow[]>(workIn(stretch), person === undefined ? values : [...values, person]);
  return {
    chargedJobs: Number(row?.charged_jobs ?? 0),
    tinyJobs: Number(row?.tiny_jobs ?? 0),
    failedJobs: Number(row?.failed_jobs ?? 0),
    cutShortJobs: Number(row?.cut_short_jobs ?? 0),
    repeatedJobs: Number(row?.repeated_jobs ?? 0),
    dearestPercent: Number(row?.dearest_percent ?? 0),
  };
}

/** As far back as anybody would remember having asked; the index of an account's jobs finds so many at once. */
const JOBS_LOOKED_BACK = 200;

/** How often the bot of this job was asked for exactly the same before it, among the jobs just before. */
export async function countAskedBefore(tx: EntityManager, job: JobView, person?: string): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM (
       SELECT bot_id, body_hash FROM ledger.jobs j WHERE account_id = $1 AND id < $2
         AND ${inEnvironment('scope_id', environmentOf(job.scopeId))}
         AND ($6::text IS NULL OR ${askedByPerson('j', '$6')}) ORDER BY id DESC LIMIT $3) before
     WHERE bot_id = $4 AND body_hash = $5`,
    [job.accountId, job.id, JOBS_LOOKED_BACK, job.botId, job.bodyHash, person ?? null],
  );
  return row?.count ?? 0;
}
