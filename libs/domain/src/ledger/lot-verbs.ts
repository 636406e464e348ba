// Domain room. The verbs of a lot: granted, ended, taken back, and given back to after a refund.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, MAX_MICRO_CREDITS, MOST_OF_A_SCOPE, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { instant, type Instant } from '../time/instant.js';
import type { Book } from './book.js';
import type { HoldCounter } from './counter.js';
import { giveBackToCounter, limitOfCounter } from './counter.js';
import { consumedAccount, debtAccount } from './entry.js';
import type { LotPart } from './hold-verbs.js';
import { partsByPeriod } from './hold-verbs.js';
import type { Hold, HoldLine } from './hold.js';
import { refundableOf } from './hold.js';
import type { Lot, LotKind } from './lot.js';
import { compareDrawOrder, hasLapsed, isLive } from './lot.js';
import type { Ended } from './period-lots.js';
import { endOrTakeBack, NOTHING_DONE } from './period-lots.js';

export interface GrantOrder {
  readonly lotId: string;
  readonly kind: LotKind;
  readonly amount: MicroCredits;
  readonly validFrom: Instant;
  readonly expiresAt: Instant | null;
  readonly sourceRef: string;
  /** When the period began that it is for, where that was before the lot does: it was paid late. */
  readonly periodStart?: Instant;
  /** It was paid for, though its kind may be had for nothing: what is owed is paid first, as by a purchase. */
  readonly isBought?: boolean;
  /** The source of a lot of this kind that ends with it: at no instant can both be drawn on, nor none of them. */
  readonly inPlaceOf?: string;
}

export interface Granted {
  readonly lotId: string;
  /** What of a purchase went to an earlier debt at once. */
  readonly debtPaid: MicroCredits;
  /** What was over before it was granted: it is booked, and nobody can spend it (F17). */
  readonly lapsed: MicroCredits;
  /** What became of the lot in whose place it stands. */
  readonly replaced: Ended;
}

/** issued -> open of a new lot, once per kind and source; what was bought pays an open debt first. */
export function grant(book: Book, order: GrantOrder): Outcome<Granted> {
  if (order.amount <= 0n || order.amount > MOST_OF_A_SCOPE - book.outstanding) {
    return refuse({ code: 'amount_out_of_range', field: 'amount' });
  }
  if (order.expiresAt !== null && order.expiresAt <= order.validFrom) {
    return refuse({ code: 'amount_out_of_range', field: 'expires_at' });
  }
  if (order.periodStart !== undefined && order.periodStart > order.validFrom) {
    return refuse({ code: 'amount_out_of_range', field: 'period_start' });
  }
  if (book.lotBySource(order.kind, order.sourceRef) !== undefined) {
    return refuse({ code: 'lot_exists', sourceRef: order.sourceRef });
  }
  const replaced = makeWay(book, order);
  book.openLot(newLot(book, order), `issued:${order.kind}`);
  const debtPaid = isBought(order) ? smallest(order.amount, book.debt) : ZERO;
  if (debtPaid > 0n) book.takeOpen(order.lotId, debtPaid, debtAccount(book.scopeId));
  const lot = book.lot(order.lotId);
  const lapsed = hasLapsed(lot, book.at) ? lot.open : ZERO;
  if (lapsed > 0n) book.takeOpen(order.lotId, lapsed, 'lapsed');
  return accept({ lotId: order.lotId, debtPaid, lapsed, replaced });
}

function isBought({ kind, isBought: isPaidFor = false }: GrantOrder): boolean {
  return isPaidFor || kind === 'bundle' || kind === 'eu_pack';
}

/** One that is over, or was never posted, is in nobody's way. */
function makeWay(book: Book, { kind, inPlaceOf }: GrantOrder): Ended {
  const lot = inPlaceOf === undefined ? undefined : book.lotBySource(kind, inPlaceOf);
  return lot === undefined ? NOTHING_DONE : endOrTakeBack(book, lot);
}

function newLot(book: Book, order: GrantOrder): Lot {
  const { lotId, amount, periodStart = null, isBought: _, inPlaceOf: __, ...rest } = order;
  const figures = { granted: amount, open: amount, held: ZERO, lapsed: ZERO, grantedUntil: null };
  return { ...rest, ...figures, id: lotId, periodStart, openedSeq: book.nextSeq, clawedBack: false };
}

/** open -> lapsed for every lot of the book that has ended. Available does not change: it compares ends by itself. */
export function expire(book: Book): Outcome<{ readonly lapsed: readonly LotPart[] }> {
  const ended = book.allLots.filter((lot) => hasLapsed(lot, book.at) && lot.open > 0n).sort(compareDrawOrder);
  for (const lot of ended) book.takeOpen(lot.id, lot.open, 'lapsed');
  return accept({ lapsed: ended.map((lot) => ({ lotId: lot.id, lotKind: lot.kind, amount: lot.open })) });
}

/**
 * open -> lapsed for every lot, ended or not: its owner is gone and will not come back. What a hold still has of them
 * is for a later ending, once it was released.
 */
export function endAll(book: Book): Outcome<{ readonly lapsed: readonly LotPart[] }> {
  const open = book.allLots.filter((lot) => lot.open > 0n).sort(compareDrawOrder);
  for (const lot of open) book.takeOpen(lot.id, lot.open, 'lapsed');
  return accept({ lapsed: open.map((lot) => ({ lotId: lot.id, lotKind: lot.kind, amount: lot.open })) });
}

export interface ClawedBack {
  readonly takenBack: MicroCredits;
  /** What was spent already and is owed now; what holds still have of it is owed only where they capture it. */
  readonly debt: MicroCredits;
}

/**
 * open -> clawed_back, and debt -> clawed_back for what was spent; other lots are not touched (edge 72). What ended
 * unused is nobody's debt.
 */
export function clawBack(book: Book, lotId: string): Outcome<ClawedBack> {
  const lot = book.allLots.find((candidate) => candidate.id === lotId);
  if (lot === undefined) return refuse({ code: 'lot_not_found', lotId });
  if (lot.clawedBack) return refuse({ code: 'lot_taken_back', lotId });
  if (lot.open > 0n) book.takeOpen(lotId, lot.open, 'clawed_back');
  const debt = subtract(lot.granted, add(lot.open, lot.held, lot.lapsed));
  if (debt > 0n) book.moveOutside(debtAccount(book.scopeId), 'clawed_back', debt);
  book.markClawedBack(lotId);
  return accept({ takenBack: lot.open, debt });
}

/** A lot, and the most that may be taken of it: whatever else is in it is none of the mistake's. */
export interface LotCap {
  readonly lotId: string;
  readonly most: MicroCredits;
}

/**
 * open -> clawed_back of some lots in their order: of each up to its cap and to what it still has, of all up to an
 * amount. Nobody comes to owe.
 */
export function takeFromLots(
  book: Book,
  caps: readonly LotCap[],
  most: MicroCredits,
): readonly { readonly lotId: string; readonly amount: MicroCredits }[] {
  let left = most;
  return caps.flatMap(({ lotId, most: ofLot }) => {
    const lot = book.allLots.find((candidate) => candidate.id === lotId);
    if (lot === undefined || !isLive(lot, book.at)) return [];
    const amount = smallest(left, ofLot, lot.open);
    if (amount <= 0n) return [];
    book.takeOpen(lotId, amount, 'clawed_back');
    left = subtract(left, amount);
    return [{ lotId, amount }];
  });
}

export interface ReversedPart {
  readonly lotId: string;
  readonly amount: MicroCredits;
  /** The step it was paid for; where none is named, that of the whole operation. */
  readonly stepOrdinal?: number;
}

export interface ReverseOrder {
  readonly holdId: string;
  readonly parts: readonly ReversedPart[];
  /** Automatic refunds go home while home stands; what a review restores is always a lot of its own (X14). */
  readonly form: 'origin_while_live' | 'compensation';
  readonly compensation: {
    /** For what came from a daily lot, which would have ended by itself: it lives 30 days. */
    readonly fromDailyLotId: string;
    readonly lotId: string;
    readonly sourceRef: string;
  };
}

export interface Reversed {
  readonly amount: MicroCredits;
  readonly toLots: readonly LotPart[];
}

const DAILY_COMPENSATION_MS = 30 * 86_400_000;

/** consumed -> open of the lot it came from, or of a compensation lot; never more than was captured there. */
export function reverse(book: Book, order: ReverseOrder): Outcome<Reversed> {
  const hold = book.hold(order.holdId);
  if (hold === undefined) return refuse({ code: 'hold_not_found', holdId: order.holdId });
  if (order.parts.length === 0) return refuse({ code: 'nothing_refundable', refundable: ZERO });
  const lines = new Map(hold.lines.map((line) => [line.lotId, line]));
  const asked = new Map<string, MicroCredits>();
  for (const { lotId, amount } of order.parts) {
    if (amount <= 0n || amount > MAX_MICRO_CREDITS) return refuse({ code: 'amount_out_of_range', field: 'amount' });
    const sum = add(asked.get(lotId) ?? ZERO, amount);
    const line = lines.get(lotId);
    const refundable = line === undefined ? ZERO : refundableOf(line);
    if (sum > refundable) return refuse({ code: 'nothing_refundable', refundable });
    asked.set(lotId, sum);
  }
  const toLots = giveBack(book, order);
  const amount = add(ZERO, ...asked.values());
  book.putHold(withReversed(book, hold, asked));
  return accept({ amount, toLots });
}

interface Return {
  readonly to: 'origin' | 'daily_compensation' | 'compensation';
  readonly lot: Lot;
  readonly part: ReversedPart;
}

const RETURNS_IN_ORDER = ['origin', 'daily_compensation', 'compensation'] as const;

/** One entry for each lot it goes to and step it was paid for; to living origins first. */
function returnsOf(book: Book, { parts, form }: ReverseOrder): Return[] {
  const sums = new Map<string, Return>();
  for (const part of parts) {
    const lot = book.lot(part.lotId);
    const isHome = form === 'origin_while_live' && isLive(lot, book.at);
    const to = isHome ? 'origin' : lot.kind === 'daily' ? 'daily_compensation' : 'compensation';
    const key = [to, isHome ? lot.id : '', part.stepOrdinal ?? ''].join(' ');
    const known = sums.get(key);
    const amount = add(known?.part.amount ?? ZERO, part.amount);
    sums.set(key, { to, lot, part: { ...part, amount } });
  }
  return RETURNS_IN_ORDER.flatMap((to) => [...sums.values()].filter((each) => each.to === to));
}

function giveBack(book: Book, order: ReverseOrder): LotPart[] {
  const from = consumedAccount(book.scopeId);
  const made = new Set<string>();
  return returnsOf(book, order).map(({ to, lot, part: { amount, stepOrdinal } }) => {
    const context = stepOrdinal === undefined ? book.atOperation : book.atStep(stepOrdinal);
    if (to === 'origin') {
      book.putOpen(lot.id, { amount, from }, context);
      return { lotId: lot.id, lotKind: lot.kind, amount };
    }
    const fresh = compensationFor(book, order, lot.kind);
    if (made.has(fresh.lotId)) book.growOpen(fresh.lotId, { amount, from }, context);
    else book.openLot(newLot(book, { ...fresh, amount }), from, context);
    made.add(fresh.lotId);
    return { lotId: fresh.lotId, lotKind: 'compensation', amount };
  });
}

/** What came from a daily lot would have ended by itself: it lives 30 days. Everything else has no end. */
function compensationFor(book: Book, { compensation }: ReverseOrder, origin: LotKind): Omit<GrantOrder, 'amount'> {
  const { fromDailyLotId, lotId, sourceRef } = compensation;
  const isDaily = origin === 'daily';
  return {
    lotId: isDaily ? fromDailyLotId : lotId,
    kind: 'compensation',
    validFrom: book.at,
    expiresAt: isDaily ? instant(book.at + DAILY_COMPENSATION_MS) : null,
    sourceRef: `${sourceRef}/${isDaily ? 'daily' : 'other'}`,
  };
}

function withReversed(book: Book, hold: Hold, asked: ReadonlyMap<string, MicroCredits>): Hold {
  const lines = hold.lines.map((line): HoldLine => ({
    ...line,
    reversed: add(line.reversed, asked.get(line.lotId) ?? ZERO),
  }));
  return { ...hold, lines, counters: giveBackToCounters(book, hold, add(ZERO, ...asked.values())) };
}

/** Each limit gets the amount back once; where its use spans periods, the earliest first: the present gains nothing. */
function giveBackToCounters(book: Book, hold: Hold, amount: MicroCredits): readonly HoldCounter[] {
  const missing = new Map<string, MicroCredits>();
  const after = new Map<string, HoldCounter>();
  for (const part of partsByPeriod(book, hold)) {
    const limit = limitOfCounter(part.counterId);
    const back = smallest(missing.get(limit) ?? amount, part.used);
    missing.set(limit, subtract(missing.get(limit) ?? amount, back));
    if (back === 0n) continue;
    const [counter, rest] = giveBackToCounter(book.counterById(part.counterId), part, back);
    book.putCounter(counter);
    after.set(part.counterId, rest);
  }
  return hold.counters.map((part) => after.get(part.counterId) ?? part);
}
