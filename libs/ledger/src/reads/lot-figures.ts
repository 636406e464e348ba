// Ledger room, read side. What the lots of a scope were at one point: from their rows where nothing came after it, else
// from the last entry of each lot up to it, one index look-up per lot.
import type { Lot, LotKind } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits, ZERO } from '@fairmeter/domain';
import { plannedOnce } from '@fairmeter/platform/database';
import type { ScopePoint } from './scope-point.js';

export interface LotFiguresRow {
  readonly id: string;
  readonly kind: LotKind;
  readonly granted: string;
  readonly open: string;
  readonly held: string;
  readonly valid_from: Date;
  readonly expires_at: Date | null;
  readonly period_start: Date | null;
  readonly source_ref: string;
  readonly opened_seq: string;
}

const IN_ROWS = '(SELECT * FROM ledger.lots WHERE scope_id = $1 AND opened_seq <= $2) l';

// From its end on a lot has nothing open: one that has something had not been ended by then, whatever its row says now.
const IN_ENTRIES = `(SELECT l.id, l.kind, l.granted, e.lot_open_after AS open, e.lot_held_after AS held,
    e.lot_open_after > 0 OR e.lot_held_after > 0 AS alive, l.valid_from,
    CASE WHEN e.lot_open_after > 0 THEN coalesce(l.granted_until, l.expires_at) ELSE l.expires_at END AS expires_at,
    l.granted_until, l.period_start, l.source_ref, l.opened_seq
  FROM ledger.lots l
  CROSS JOIN LATERAL (SELECT lot_open_after, lot_held_after FROM ledger.entries
    WHERE lot_id = l.id AND scope_seq <= $2 ORDER BY scope_seq DESC LIMIT 1) e
  WHERE l.scope_id = $1 AND l.opened_seq <= $2) l`;

/** A table `l` for a FROM; `$1` is the scope, `$2` the last entry that counts, `$3` the instant. */
export function lotsAt(point: ScopePoint): string {
  return isNow(point) ? IN_ROWS : IN_ENTRIES;
}

/**
 * A statement over `lotsAt`, both of its texts written once. The present is asked for all the time; how much of the
 * past is read differs each time.
 */
export function overLots(textOver: (lots: string) => string): (point: ScopePoint) => string {
  const [now, then] = [plannedOnce(textOver(IN_ROWS)), textOver(IN_ENTRIES)];
  return (point) => (isNow(point) ? now : then);
}

function isNow({ entrySeq, newestEntrySeq }: ScopePoint): boolean {
  return entrySeq === newestEntrySeq;
}

/** The values of `lotsAt`. */
export function valuesOf(point: ScopePoint): unknown[] {
  return [point.scopeId, point.entrySeq.toString(), new Date(point.at).toISOString()];
}

/**
 * The end of a lot of `lotsAt` at that instant: before it was ended it had the one that its grant named. Whether that
 * lies behind the instant, both ends say alike.
 */
const END_AT = 'CASE WHEN l.expires_at > $3 THEN coalesce(l.granted_until, l.expires_at) ELSE l.expires_at END';

const figures = (end: string): string => `l.id, l.kind, l.granted::text AS granted, l.open::text AS open,
  l.held::text AS held, l.valid_from, ${end} AS expires_at, l.period_start, l.source_ref,
  l.opened_seq::text AS opened_seq`;

/** Of the table itself: what is now. */
export const LOT_FIGURES = figures('l.expires_at');
/** Of `lotsAt`: what was then. */
export const LOT_FIGURES_AT = figures(END_AT);

export function lotOf(row: LotFiguresRow): Lot {
  return {
    id: row.id,
    kind: row.kind,
    granted: parseMicroCredits(row.granted),
    open: parseMicroCredits(row.open),
    held: parseMicroCredits(row.held),
    validFrom: instantOfDate(row.valid_from),
    expiresAt: row.expires_at === null ? null : instantOfDate(row.expires_at),
    // Which end a lot had before it was ended matters to nobody who reads what it is now.
    grantedUntil: null,
    periodStart: row.period_start === null ? null : instantOfDate(row.period_start),
    sourceRef: row.source_ref,
    openedSeq: BigInt(row.opened_seq),
    // What was taken back has nothing open from then on, so the figures alone say what it can pay.
    clawedBack: false,
    // How it came to have less than it was granted is told by its entries.
    lapsed: ZERO,
  };
}
