// Ledger room, read side. What reconciliation compares with meters and workflows, of all accounts, page by page along
// an index. Whoever reads it is a process of ours, never a tenant.
import type { Instant, JobState, MicroCredits, MicroDollars, TokenMeters } from '@fairmeter/domain';
import { instantOfDate, microDollars, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';

export interface OpenJob {
  readonly id: string;
  readonly accountId: string;
  /** Whose lots pay. */
  readonly scopeId: string;
  readonly workflowId: string;
  /** The first run of its workflow. */
  readonly runId: string;
  readonly rateCardId: string;
  readonly state: JobState;
  readonly charge: MicroCredits;
  readonly held: MicroCredits;
  readonly createdAt: Instant;
}

interface OpenJobRow {
  readonly id: string;
  readonly account_id: string;
  readonly scope_id: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly rate_card_id: string;
  readonly state: JobState;
  readonly charge: string;
  readonly held: string;
  readonly created_at: Date;
}

const OPEN_JOB = `SELECT j.id, j.account_id, j.scope_id, j.workflow_id, j.run_id, j.rate_card_id, j.state,
  j.charge::text, j.held::text, j.created_at FROM ledger.jobs j`;

export interface PageAfter {
  /** The id of the last one seen; null begins. */
  readonly after: string | null;
  readonly limit: number;
}

/** Jobs whose hold is open, by their ids: `hold.ends-once` makes them those that have not ended. */
export async function readJobsWithHold(tx: EntityManager, { after, limit }: PageAfter): Promise<OpenJob[]> {
  const rows = await tx.query<OpenJobRow[]>(
    `${OPEN_JOB} JOIN ledger.holds h ON h.job_id = j.id
     WHERE h.state = 'held' AND h.job_id > $1 ORDER BY h.job_id LIMIT $2`,
    [after ?? '', limit],
  );
  return rows.map(openJobOf);
}

/** Of those the ones under way in which no step began or ended since, whatever they wait for but credits. */
export async function readSilentJobs(
  tx: EntityManager,
  { after, limit, since }: PageAfter & { readonly since: Instant },
): Promise<OpenJob[]> {
  const rows = await tx.query<OpenJobRow[]>(
    `${OPEN_JOB} JOIN ledger.holds h ON h.job_id = j.id
     WHERE h.state = 'held' AND j.waiting IS NULL AND h.job_id > $1 AND j.created_at < $3
       AND NOT EXISTS (SELECT FROM ledger.steps s WHERE s.job_id = j.id AND coalesce(s.ended_at, s.started_at) >= $3)
     ORDER BY h.job_id LIMIT $2`,
    [after ?? '', limit, new Date(since)],
  );
  return rows.map(openJobOf);
}

/** Null where it has ended, or never was. */
export async function findOpenJob(tx: EntityManager, jobId: string): Promise<OpenJob | null> {
  const [row] = await tx.query<OpenJobRow[]>(`${OPEN_JOB} WHERE j.id = $1 AND j.ended_at IS NULL`, [jobId]);
  return row === undefined ? null : openJobOf(row);
}

/** Of those runs, given by their first, the ones that a job was admitted by. */
export async function findRunsWithJob(tx: EntityManager, keyHashes: readonly string[]): Promise<ReadonlySet<string>> {
  if (keyHashes.length === 0) return new Set();
  const rows = await tx.query<{ run_id: string }[]>('SELECT run_id FROM ledger.jobs WHERE key_hash = ANY ($1)', [
    keyHashes,
  ]);
  return new Set(rows.map(({ run_id: runId }) => runId));
}

export interface OpenAttempt {
  readonly jobId: string;
  readonly ordinal: number;
  readonly number: number;
  readonly accountId: string;
  readonly startedAt: Instant;
}

interface OpenAttemptRow {
  readonly job_id: string;
  readonly ordinal: number;
  readonly number: number;
  readonly account_id: string;
  readonly started_at: Date;
}

const ATTEMPT = 'SELECT job_id, ordinal, number, account_id, started_at FROM ledger.attempts';

export interface StepPlace {
  readonly jobId: string;
  readonly ordinal: number;
}

export async function readOpenAttempts(
  tx: EntityManager,
  { after, limit }: { readonly after: StepPlace | null; readonly limit: number },
): Promise<OpenAttempt[]> {
  const rows = await tx.query<OpenAttemptRow[]>(
    `${ATTEMPT} WHERE state = 'open' AND (job_id, ordinal) > ($1, $2) ORDER BY job_id, ordinal LIMIT $3`,
    [after?.jobId ?? '', after?.ordinal ?? 0, limit],
  );
  return rows.map(openAttemptOf);
}

export async function isAttemptOpen(
  tx: EntityManager,
  { jobId, ordinal, number }: StepPlace & { readonly number: number },
): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    "SELECT FROM ledger.attempts WHERE state = 'open' AND job_id = $1 AND ordinal = $2 AND number = $3",
    [jobId, ordinal, number],
  );
  return rows.length > 0;
}

export interface EndedJob {
  readonly id: string;
  readonly accountId: string;
  readonly endedAt: Instant;
}

export interface EndedJobsQuery {
  /** The last one seen; null begins at `from`. */
  readonly after: Pick<EndedJob, 'id' | 'endedAt'> | null;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  readonly limit: number;
}

export async function readEndedJobs(tx: EntityManager, query: EndedJobsQuery): Promise<EndedJob[]> {
  const { after, from, to, limit } = query;
  const rows = await tx.query<{ id: string; account_id: string; ended_at: Date }[]>(
    `SELECT id, account_id, ended_at FROM ledger.jobs
     WHERE ended_at IS NOT NULL AND (ended_at, id) > ($1, $2) AND ended_at < $3 ORDER BY ended_at, id LIMIT $4`,
    // Nothing sorts before an empty id: what ended at that very instant is among them.
    [new Date(after?.endedAt ?? from), after?.id ?? '', new Date(to), limit],
  );
  return rows.map((row) => ({ id: row.id, accountId: row.account_id, endedAt: instantOfDate(row.ended_at) }));
}

export interface UncapturedStep extends StepPlace {
  readonly accountId: string;
  readonly charge: MicroCredits;
  readonly writtenOff: MicroCredits;
  readonly captured: MicroCredits;
}

/**
 * Steps of those jobs whose entries do not come to what was charged for them and borne by the platform, and steps that
 * have a billable attempt with meters and were never charged at all.
 */
export async function readUncapturedSteps(tx: EntityManager, jobIds: readonly string[]): Promise<UncapturedStep[]> {
  if (jobIds.length === 0) return [];
  type Row = { job_id: string; ordinal: number; account_id: string; charge: string; borne: string; captured: string };
  const rows = await tx.query<Row[]>(
    `SELECT s.job_id, s.ordinal, s.account_id, s.charge::text, s.written_off::text AS borne, c.amount::text AS captured
     FROM ledger.steps s JOIN ledger.jobs j ON j.id = s.job_id
     CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount), 0) AS amount FROM ledger.entries e
       WHERE e.job_id = s.job_id AND e.step_ordinal = s.ordinal AND e.to_account = 'consumed:' || j.scope_id) c
     WHERE s.job_id = ANY ($1) AND (c.amount <> s.charge + s.written_off
       OR s.state <> 'ended' AND EXISTS (SELECT FROM ledger.attempts a
         WHERE a.job_id = s.job_id AND a.ordinal = s.ordinal AND a.charge_class = 'billable'))
     ORDER BY s.job_id, s.ordinal`,
    [jobIds],
  );
  return rows.map((row) => ({
    jobId: row.job_id,
    ordinal: row.ordinal,
    accountId: row.account_id,
    charge: parseMicroCredits(row.charge),
    writtenOff: parseMicroCredits(row.borne),
    captured: parseMicroCredits(row.captured),
  }));
}

export interface UnmeteredAttempt extends StepPlace {
  readonly number: number;
  readonly accountId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Whose provider told no usage that could be: our own count was charged (edge 48). */
export async function readUnmeteredAttempts(tx: EntityManager, jobIds: readonly string[]): Promise<UnmeteredAttempt[]> {
  if (jobIds.length === 0) return [];
  type Row = { job_id: string; ordinal: number; number: number; account_id: string; input: string; output: string };
  const rows = await tx.query<Row[]>(
    `SELECT job_id, ordinal, number, account_id, input_tokens + cached_input_tokens + cache_write_tokens AS input,
       output_tokens + reasoning_tokens AS output
     FROM ledger.attempts WHERE job_id = ANY ($1) AND unmetered ORDER BY job_id, ordinal, number`,
    [jobIds],
  );
  return rows.map((row) => ({
    jobId: row.job_id,
    ordinal: row.ordinal,
    number: row.number,
    accountId: row.account_id,
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
  }));
}

function openJobOf(row: OpenJobRow): OpenJob {
  return {
    id: row.id,
    accountId: row.account_id,
    scopeId: row.scope_id,
    workflowId: row.workflow_id,
    runId: row.run_id,
    rateCardId: row.rate_card_id,
    state: row.state,
    charge: parseMicroCredits(row.charge),
    held: parseMicroCredits(row.held),
    createdAt: instantOfDate(row.created_at),
  };
}

function openAttemptOf(row: OpenAttemptRow): OpenAttempt {
  return {
    jobId: row.job_id,
    ordinal: row.ordinal,
    number: row.number,
    accountId: row.account_id,
    startedAt: instantOfDate(row.started_at),
  };
}

export interface BilledCall extends StepPlace {
  readonly number: number;
  readonly accountId: string;
  readonly rateCardId: string;
  readonly model: string;
  readonly metered: TokenMeters;
  readonly realCost: MicroDollars;
}

/** Charged calls of models whose providers told what they used: not those of test jobs, which asked no provider. */
export async function readBilledCalls(tx: EntityManager, jobIds: readonly string[]): Promise<BilledCall[]> {
  if (jobIds.length === 0) return [];
  type Row = Omit<BilledCall, 'metered' | 'realCost'> & {
    readonly metered: Readonly<Record<keyof TokenMeters, number>>;
    readonly realCost: string;
  };
  const rows = await tx.query<Row[]>(
    `SELECT a.job_id AS "jobId", a.ordinal, a.number, a.account_id AS "accountId", j.rate_card_id AS "rateCardId",
       s.model, a.real_cost::text AS "realCost", json_build_object('input', a.input_tokens, 'cachedInput',
         a.cached_input_tokens, 'cacheWrite', a.cache_write_tokens, 'output', a.output_tokens, 'reasoning',
         a.reasoning_tokens) AS metered
     FROM ledger.attempts a JOIN ledger.steps s ON s.job_id = a.job_id AND s.ordinal = a.ordinal
       JOIN ledger.jobs j ON j.id = a.job_id
     WHERE a.job_id = ANY ($1) AND a.charge_class = 'billable' AND NOT a.unmetered AND s.model IS NOT NULL
       AND ${inEnvironment('j.scope_id', 'live')}
     ORDER BY a.job_id, a.ordinal`,
    [jobIds],
  );
  return rows.map((row) => ({ ...row, realCost: microDollars(BigInt(row.realCost)) }));
}
