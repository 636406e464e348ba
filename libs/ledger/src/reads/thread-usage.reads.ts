// Ledger room, read side. A thread as whoever takes part in it sees it: its jobs with what their models read and wrote,
// and what they cost. Inside a tenant's transaction.
import type { Environment, Instant, JobState, MicroCredits, RequestKind } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';

export interface ThreadAsked {
  readonly threadId: string;
  /** Where it may be: the bots that the caller is shown. */
  readonly botIds: readonly string[];
  readonly environment: Environment;
  /** Whose requests alone; null: everybody's. */
  readonly somebody: { readonly kind: 'person' | 'visitor'; readonly id: string } | null;
}

export interface ThreadJob {
  readonly id: string;
  readonly botId: string;
  readonly createdAt: Instant;
  readonly state: JobState;
  readonly requestKind: RequestKind;
  readonly model: string;
  /** The request itself, with what came along. */
  readonly requestTokens: number;
  /** The largest that one call of it read. */
  readonly contextTokens: number;
  readonly readTokens: number;
  readonly writtenTokens: number;
  readonly charge: MicroCredits;
  readonly refunded: MicroCredits;
}

interface ThreadJobRow {
  readonly id: string;
  readonly bot_id: string;
  readonly created_at: Date;
  readonly state: JobState;
  readonly request_kind: RequestKind;
  readonly model: string;
  readonly context_tokens: number;
  readonly largest: string;
  readonly read: string;
  readonly written: string;
  readonly charge: string;
  readonly refunded: string;
}

/** Test jobs and live ones under one name are two threads, and so are those of two visitors. */
const jobsOf = ({ environment }: ThreadAsked): string => `SELECT * FROM ledger.jobs
  WHERE bot_id = ANY ($1) AND thread_id = $2 AND ${inEnvironment('scope_id', environment)}
    AND ($3::text IS NULL OR requester_kind = $3 AND requester_id = $4)`;

const USED = `LEFT JOIN LATERAL (
    SELECT max(a.input_tokens + a.cached_input_tokens + a.cache_write_tokens) AS largest,
      sum(a.input_tokens + a.cached_input_tokens + a.cache_write_tokens) AS read,
      sum(a.output_tokens + a.reasoning_tokens) AS written
    FROM ledger.attempts a WHERE a.job_id = j.id AND a.charge_class = 'billable') used ON true`;

const valuesOf = ({ botIds, threadId, somebody }: ThreadAsked): unknown[] => [
  botIds,
  threadId,
  somebody?.kind ?? null,
  somebody?.id ?? null,
];

/** The newest first. */
export async function readThreadJobs(
  tx: EntityManager,
  asked: ThreadAsked,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<ThreadJob[]> {
  const rows = await tx.query<ThreadJobRow[]>(
    `WITH j AS (${jobsOf(asked)} AND ($5::text IS NULL OR id < $5) ORDER BY id DESC LIMIT $6)
     SELECT j.id, j.bot_id, j.created_at, j.state, j.request_kind, j.model, j.context_tokens,
       coalesce(used.largest, 0) AS largest, coalesce(used.read, 0) AS read, coalesce(used.written, 0) AS written,
       j.charge::text, j.refunded::text
     FROM j ${USED} ORDER BY j.id DESC`,
    [...valuesOf(asked), before, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    botId: row.bot_id,
    createdAt: instantOfDate(row.created_at),
    state: row.state,
    requestKind: row.request_kind,
    model: row.model,
    requestTokens: row.context_tokens,
    contextTokens: Number(row.largest),
    readTokens: Number(row.read),
    writtenTokens: Number(row.written),
    charge: parseMicroCredits(row.charge),
    refunded: parseMicroCredits(row.refunded),
  }));
}

export interface ThreadTotals {
  readonly model: string;
  readonly jobs: number;
  /** Those that brought an answer. */
  readonly answered: number;
  readonly readTokens: number;
  readonly writtenTokens: number;
  readonly charge: MicroCredits;
  readonly refunded: MicroCredits;
}

interface TotalsRow {
  readonly model: string;
  readonly jobs: string;
  readonly answered: string;
  readonly read: string;
  readonly written: string;
  readonly charge: string;
  readonly refunded: string;
}

/** Of the whole thread, by the model that was asked for; none where there is no such thread. */
export async function readThreadTotals(tx: EntityManager, asked: ThreadAsked): Promise<ThreadTotals[]> {
  const rows = await tx.query<TotalsRow[]>(
    `WITH j AS (${jobsOf(asked)})
     SELECT j.model, count(*) AS jobs,
       count(*) FILTER (WHERE j.state IN ('completed', 'completed_partial')) AS answered,
       coalesce(sum(used.read), 0) AS read, coalesce(sum(used.written), 0) AS written,
       sum(j.charge)::text AS charge, sum(j.refunded)::text AS refunded
     FROM j ${USED} GROUP BY j.model ORDER BY sum(j.charge) DESC, j.model`,
    valuesOf(asked),
  );
  return rows.map((row) => ({
    model: row.model,
    jobs: Number(row.jobs),
    answered: Number(row.answered),
    readTokens: Number(row.read),
    writtenTokens: Number(row.written),
    charge: parseMicroCredits(row.charge),
    refunded: parseMicroCredits(row.refunded),
  }));
}
