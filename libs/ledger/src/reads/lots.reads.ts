// Ledger room, read side. The lots of a scope one by one: those that can pay in the order in which they will, then the
// others, newest first. All pages of one listing are read at the same point, so nothing moves between them.
import type { Instant, Lot } from '@fairmeter/domain';
import { add, compareDrawOrder, hasLapsed, parseMicroCredits, subtract, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { endsAfter } from '../rows/lot-ends.js';
import type { LotState, LotView } from './credits-views.js';
import { dueAt, endingAsTold, readDay, withUnopened } from './day.reads.js';
import type { LotFiguresRow } from './lot-figures.js';
import { LOT_FIGURES_AT, lotOf, lotsAt, valuesOf } from './lot-figures.js';
import type { ScopePoint } from './scope-point.js';

/** The last lot of a page, by the number of the entry that opened it. */
export interface LotPosition {
  readonly part: 'live' | 'rest';
  readonly openedSeq: bigint;
}

export interface LotsQuery {
  /** Also what has ended or is used up; what is still to come is always listed. */
  readonly includeEnded: boolean;
  readonly after: LotPosition | null;
  readonly limit: number;
}

export interface LotsPage {
  readonly lots: readonly LotView[];
  /** Where the next page goes on; null where there is none. */
  readonly next: LotPosition | null;
}

export async function readLots(tx: EntityManager, point: ScopePoint, query: LotsQuery): Promise<LotsPage> {
  const { after, limit } = query;
  // One more than asked for tells whether there is a next page.
  const wanted = limit + 1;
  const live = after?.part === 'rest' ? [] : await readLive(tx, point, after);
  const rest = live.length >= wanted ? [] : await readRest(tx, point, { ...query, limit: wanted - live.length });
  const found = [...live, ...rest].slice(0, wanted);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const part = page.length > live.length || live.length === 0 ? 'rest' : 'live';
  return {
    lots: await withOutcomes(tx, point, page),
    next: found.length > limit && last !== undefined ? { part, openedSeq: last.openedSeq } : null,
  };
}

const NOT_ENDED = endsAfter('$3', 'l');
const CAN_PAY = `l.valid_from <= $3 AND ${NOT_ENDED} AND l.alive`;

const canPay = (lot: Lot): boolean => lot.open > 0n || lot.held > 0n;

async function readLive(tx: EntityManager, point: ScopePoint, after: LotPosition | null): Promise<Lot[]> {
  const due = dueAt(point, await readDay(tx, point));
  const rows = await tx.query<LotFiguresRow[]>(
    `SELECT ${LOT_FIGURES_AT} FROM ${lotsAt(point)} WHERE ${CAN_PAY} OR l.id = $4`,
    [...valuesOf(point), due?.id ?? null],
  );
  const inOrder = withUnopened(rows.map(lotOf), due).filter(canPay).sort(compareDrawOrder);
  // A position that is not among them is nobody's: the listing is read at one point.
  return inOrder.slice(inOrder.findIndex((lot) => lot.openedSeq === after?.openedSeq) + 1);
}

async function readRest(tx: EntityManager, point: ScopePoint, query: LotsQuery): Promise<Lot[]> {
  const { after, includeEnded, limit } = query;
  const before = after?.part === 'rest' ? after.openedSeq : point.entrySeq + 1n;
  const which = includeEnded ? `NOT (${CAN_PAY})` : `l.valid_from > $3 AND ${NOT_ENDED}`;
  const rows = await tx.query<LotFiguresRow[]>(
    `SELECT ${LOT_FIGURES_AT} FROM ${lotsAt(point)}
     WHERE ${which} AND l.opened_seq < $4 ORDER BY l.opened_seq DESC LIMIT $5`,
    [...valuesOf(point), before.toString(), limit],
  );
  return endingAsTold(rows.map(lotOf), dueAt(point, await readDay(tx, point)));
}

/** Whether this payer was ever granted anything. */
export async function hasLots(tx: EntityManager, scopeId: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>('SELECT FROM ledger.lots WHERE scope_id = $1 LIMIT 1', [scopeId]);
  return rows.length > 0;
}

interface OutcomeRow {
  readonly id: string;
  readonly gained_later: string;
  readonly lapsed: string;
  readonly clawed_back: string;
}

/** What came into a lot after the point, and what left it unspent up to it: few entries, with an index of their own. */
const OUTCOMES = `SELECT l.id,
  coalesce(sum(e.amount) FILTER (WHERE e.scope_seq > $2 AND e.from_account LIKE 'issued:%'), 0)::text AS gained_later,
  coalesce(sum(e.amount) FILTER (WHERE e.scope_seq <= $2 AND e.to_account = 'lapsed'), 0)::text AS lapsed,
  coalesce(sum(e.amount) FILTER (WHERE e.scope_seq <= $2 AND e.to_account = 'clawed_back'), 0)::text AS clawed_back
FROM unnest($1::text[]) l (id) JOIN ledger.entries e ON e.lot_id = l.id
  AND (e.from_account LIKE 'issued:%' OR e.to_account IN ('lapsed', 'clawed_back'))
GROUP BY l.id`;

async function withOutcomes(tx: EntityManager, point: ScopePoint, lots: readonly Lot[]): Promise<LotView[]> {
  if (lots.length === 0) return [];
  const rows = await tx.query<OutcomeRow[]>(OUTCOMES, [lots.map((lot) => lot.id), point.entrySeq.toString()]);
  const outcomes = new Map(rows.map((row) => [row.id, row]));
  // Today's lot as it is shown before it was opened: whatever was written of it came after the point.
  const outcomeOf = (lot: Lot): OutcomeRow | undefined =>
    lot.openedSeq > point.entrySeq ? undefined : outcomes.get(lot.id);
  return lots.map((lot) => lotView(lot, outcomeOf(lot), point.at));
}

function lotView(lot: Lot, outcome: OutcomeRow | undefined, at: Instant): LotView {
  const granted = subtract(lot.granted, parseMicroCredits(outcome?.gained_later ?? '0'));
  const lapsed = parseMicroCredits(outcome?.lapsed ?? '0');
  const clawedBack = parseMicroCredits(outcome?.clawed_back ?? '0');
  const ended = hasLapsed(lot, at);
  return {
    id: lot.id,
    kind: lot.kind,
    state: stateOf(lot, at),
    granted,
    open: ended ? ZERO : lot.open,
    held: lot.held,
    spent: subtract(granted, add(lot.open, lot.held, lapsed, clawedBack)),
    lapsed: ended ? add(lapsed, lot.open) : lapsed,
    clawedBack,
    validFrom: lot.validFrom,
    expiresAt: lot.expiresAt,
    sourceRef: lot.sourceRef,
  };
}

function stateOf(lot: Lot, at: Instant): LotState {
  if (hasLapsed(lot, at)) return 'ended';
  if (lot.validFrom > at) return 'upcoming';
  return lot.open > 0n || lot.held > 0n ? 'live' : 'used_up';
}
