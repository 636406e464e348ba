// Ledger room, read side. One point in the history of a scope: an instant, and the last entry and event that had
// happened by then. All figures of an answer are read at one point, so they belong together.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate, latest } from '@fairmeter/domain';
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

export interface ScopePoint {
  readonly scopeId: string;
  readonly at: Instant;
  /** The last entry counted in. */
  readonly entrySeq: bigint;
  /** The last event of the scope by then. */
  readonly eventSeq: bigint;
  /** The last terms counted in. */
  readonly termsRows: number;
  /** The last entry there is in this snapshot: where it is also the last one counted in, the lots' rows say it all. */
  readonly newestEntrySeq: bigint;
}

/** What a point is told by: whoever names it reads the same again, whatever was written since. */
export type ToldPoint = Omit<ScopePoint, 'newestEntrySeq'>;

interface ReachedRow {
  readonly entry_seq: string;
  readonly outbox_seq: string;
  readonly terms_rows: number;
  readonly last_effective_at: Date;
}

/** Asked at every look at the credits: as a statement of its own, since building one costs more than asking it. */
const REACHED = plannedOnce(`SELECT entry_seq::text, outbox_seq::text, terms_rows, last_effective_at
FROM ledger.scopes WHERE id = $1`);

/**
 * The present, by the rule of every posting: the later of the clock and the time the scope has reached. A scope that
 * was never granted anything is empty and as old as the clock says.
 */
export async function readPresent(tx: EntityManager, scopeId: string, clockNow: Instant): Promise<ScopePoint> {
  const [scope] = await tx.query<ReachedRow[]>(REACHED, [scopeId]);
  const entrySeq = BigInt(scope?.entry_seq ?? 0);
  return {
    scopeId,
    at: scope === undefined ? clockNow : latest(clockNow, instantOfDate(scope.last_effective_at)),
    entrySeq,
    eventSeq: BigInt(scope?.outbox_seq ?? 0),
    termsRows: scope?.terms_rows ?? 0,
    newestEntrySeq: entrySeq,
  };
}

export function toldOf({ newestEntrySeq: _, ...told }: ScopePoint): ToldPoint {
  return told;
}

/** A point that was told before; null where it is another scope's, or ahead of what there is. */
export function pointAgain(present: ScopePoint, told: ToldPoint): ScopePoint | null {
  const isThere =
    told.scopeId === present.scopeId &&
    told.at <= present.at &&
    told.entrySeq <= present.entrySeq &&
    told.eventSeq <= present.eventSeq &&
    told.termsRows <= present.termsRows;
  return isThere ? { ...told, newestEntrySeq: present.newestEntrySeq } : null;
}

/**
 * An instant of the past; of several entries at that very instant the last one counts. What was being written then, and
 * seen by nobody yet, counts too: who wants what was told then asks by the point it was told with (decision 0060).
 */
export async function readPast(tx: EntityManager, present: ScopePoint, at: Instant): Promise<ScopePoint> {
  return {
    ...present,
    at,
    entrySeq: await lastSeqAt(tx, ENTRY_AT, { scopeId: present.scopeId, newest: present.entrySeq, at }),
    eventSeq: await lastSeqAt(tx, EVENT_AT, { scopeId: present.scopeId, newest: present.eventSeq, at }),
    termsRows: await termsRowsAt(tx, present.scopeId, at),
  };
}

const TERMS_AT = `SELECT number AS rows FROM ledger.terms WHERE scope_id = $1 AND effective_at <= $2
ORDER BY number DESC LIMIT 1`;

async function termsRowsAt(tx: EntityManager, scopeId: string, at: Instant): Promise<number> {
  const [row] = await tx.query<{ rows: number }[]>(TERMS_AT, [scopeId, new Date(at).toISOString()]);
  return row?.rows ?? 0;
}

/**
 * Numbers have no gaps and time in a scope never runs back (`scope.time-never-back`), so halving finds the last number
 * of an instant: two dozen look-ups by primary key among ten million rows, and no index that every posting would pay
 * for.
 */
const halving = (table: 'entries' | 'outbox'): string => `
WITH RECURSIVE search (low, high, middle) AS (
  SELECT 0::bigint, $2::bigint, ($2::bigint + 1) / 2
  UNION ALL
  SELECT half.low, half.high, (half.low + half.high + 1) / 2
  FROM search JOIN ledger.${table} r ON r.scope_id = $1 AND r.scope_seq = search.middle
  CROSS JOIN LATERAL (SELECT CASE WHEN r.effective_at <= $3 THEN r.scope_seq ELSE search.low END AS low,
    CASE WHEN r.effective_at <= $3 THEN search.high ELSE r.scope_seq - 1 END AS high) half
  WHERE search.low < search.high)
SELECT low::text AS seq FROM search WHERE low = high`;

const ENTRY_AT = halving('entries');
const EVENT_AT = halving('outbox');

async function lastSeqAt(
  tx: EntityManager,
  statement: string,
  { scopeId, newest, at }: { readonly scopeId: string; readonly newest: bigint; readonly at: Instant },
): Promise<bigint> {
  const rows = await tx.query<{ seq: string }[]>(statement, [scopeId, newest.toString(), new Date(at).toISOString()]);
  const row = rows[0];
  if (row === undefined) throw new Error(`the numbers of scope ${scopeId} have a gap`);
  return BigInt(row.seq);
}
