// Domain room. The verbs of the ledger over a book. Each refuses with a typed code before it changes anything.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, largest, MAX_MICRO_CREDITS, shortfall, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { CreditsExhausted, Outcome, Refusal } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';
import type { Book } from './book.js';
import { consumedAccount } from './entry.js';
import type { Hold, HoldLine } from './hold.js';
import { heldOf } from './hold.js';
import type { LotKind } from './lot.js';
import { compareDrawOrder, hasLapsed } from './lot.js';

/** Which part of an amount came from which lot. */
export interface LotPart {
  readonly lotId: string;
  readonly lotKind: LotKind;
  readonly amount: MicroCredits;
}

export interface GrantOrder {
  readonly lotId: string;
  readonly kind: LotKind;
  readonly amount: MicroCredits;
  readonly validFrom: Instant;
  readonly expiresAt: Instant | null;
  readonly sourceRef: string;
}

/** issued -> open of a new lot, once per kind and source. */
export function grant(book: Book, order: GrantOrder): Outcome<{ readonly lotId: string }> {
  if (order.amount <= 0n || order.amount > MAX_MICRO_CREDITS) {
    return refuse({ code: 'amount_out_of_range', field: 'amount' });
  }
  if (book.lotBySource(order.kind, order.sourceRef) !== undefined) {
    return refuse({ code: 'lot_exists', sourceRef: order.sourceRef });
  }
  const lot = {
    id: order.lotId,
    kind: order.kind,
    granted: order.amount,
    open: order.amount,
    held: ZERO,
    validFrom: order.validFrom,
    expiresAt: order.expiresAt,
    sourceRef: order.sourceRef,
    openedSeq: book.nextSeq,
  };
  book.openLot(lot, `issued:${order.kind}`);
  return accept({ lotId: order.lotId });
}

export interface HoldOrder {
  readonly holdId: string;
  readonly jobId: string;
  /** What must be set aside afterwards, on lots that live now. */
  readonly target: MicroCredits;
}

/**
 * Opens the hold or holds it afresh: what lies on ended lots lapses, the rest is laid out anew in draw order over the
 * lots that live now, and only the differences become entries. Refuses when the live lots do not reach the target.
 */
export function holdAfresh(book: Book, order: HoldOrder): Outcome<{ readonly held: MicroCredits }> {
  if (order.target < 0n) return refuse({ code: 'amount_out_of_range', field: 'target' });
  const before = book.hold(order.holdId);
  if (before !== undefined && before.state !== 'held') return refuse({ code: 'hold_ended', holdId: order.holdId });
  const own = new Map((before?.lines ?? []).map((line) => [line.lotId, line]));
  const reach = reachOf(book, before);
  if (reach < order.target) return refuse(notEnough(order.target, reach));

  const lines = new Map<string, HoldLine>();
  let lineNo = Math.max(0, ...[...own.values()].map((line) => line.lineNo));
  let missing = order.target;
  for (const lot of book.liveLotsInDrawOrder()) {
    const line = own.get(lot.id);
    const mine = line?.held ?? ZERO;
    const wanted = smallest(missing, add(lot.open, mine));
    missing = subtract(missing, wanted);
    if (wanted > mine) book.setAside(lot.id, subtract(wanted, mine));
    if (wanted < mine) book.giveBack(lot.id, subtract(mine, wanted));
    if (line !== undefined) lines.set(lot.id, { ...line, held: wanted });
    else if (wanted > 0n) lines.set(lot.id, { lineNo: ++lineNo, lotId: lot.id, held: wanted, captured: ZERO });
  }
  for (const line of own.values()) {
    if (lines.has(line.lotId)) continue;
    if (line.held > 0n) book.payOut(line.lotId, line.held, 'lapsed');
    lines.set(line.lotId, { ...line, held: ZERO });
  }
  const kept = [...lines.values()].sort((a, b) => a.lineNo - b.lineNo);
  book.putHold({ id: order.holdId, jobId: order.jobId, state: 'held', lines: kept });
  return accept({ held: order.target });
}

/** What a hold could be brought to now: all that is open on live lots plus its own share there. */
export function reachOf(book: Book, hold: Hold | undefined): MicroCredits {
  const own = new Map((hold?.lines ?? []).map((line) => [line.lotId, line.held]));
  return add(ZERO, ...book.liveLotsInDrawOrder().map((lot) => add(lot.open, own.get(lot.id) ?? ZERO)));
}

export interface CaptureOrder {
  readonly holdId: string;
  readonly amount: MicroCredits;
  /** How far beyond the hold the charge may draw on open lots: what is left of the job's budget. */
  readonly mayOverrunBy: MicroCredits;
}

export interface Captured {
  readonly paid: MicroCredits;
  readonly paidFrom: readonly LotPart[];
  /** What neither hold nor budget covered: the platform bears it (edge 21). */
  readonly writtenOff: MicroCredits;
}

/** held -> consumed, ended lots first, then draw order, then line number; an overrun is drawn or written off. */
export function capture(book: Book, order: CaptureOrder): Outcome<Captured> {
  if (order.amount < 0n) return refuse({ code: 'amount_out_of_range', field: 'amount' });
  const open = openHold(book, order.holdId);
  if (!open.ok) return open;
  const overrun = shortfall(order.amount, heldOf(open.value));
  const hold = overrun > 0n ? topUp(book, open.value, smallest(overrun, order.mayOverrunBy)) : open.value;
  const consumed = consumedAccount(book.scopeId);
  const paidFrom: LotPart[] = [];
  let missing = order.amount;
  const taken = new Map<number, MicroCredits>();
  for (const line of inCaptureOrder(book, hold)) {
    const part = smallest(missing, line.held);
    if (part === 0n) continue;
    book.payOut(line.lotId, part, consumed);
    paidFrom.push({ lotId: line.lotId, lotKind: book.lot(line.lotId).kind, amount: part });
    taken.set(line.lineNo, part);
    missing = subtract(missing, part);
  }
  const lines = hold.lines.map((line) => {
    const part = taken.get(line.lineNo) ?? ZERO;
    return { ...line, held: subtract(line.held, part), captured: add(line.captured, part) };
  });
  book.putHold({ ...hold, lines });
  if (missing > 0n) book.moveOutside('written_off', consumed, missing);
  return accept({ paid: subtract(order.amount, missing), paidFrom, writtenOff: missing });
}

/** Ends a hold once: held -> open, or held -> lapsed where the lot has ended meanwhile. */
export function endHold(
  book: Book,
  holdId: string,
  state: 'settled' | 'released',
): Outcome<{ readonly released: MicroCredits }> {
  const open = openHold(book, holdId);
  if (!open.ok) return open;
  for (const line of inCaptureOrder(book, open.value).reverse()) {
    if (line.held === 0n) continue;
    if (hasLapsed(book.lot(line.lotId), book.at)) book.payOut(line.lotId, line.held, 'lapsed');
    else book.giveBack(line.lotId, line.held);
  }
  const lines = open.value.lines.map((line) => ({ ...line, held: ZERO }));
  book.putHold({ ...open.value, state, lines });
  return accept({ released: heldOf(open.value) });
}

function openHold(book: Book, holdId: string): Outcome<Hold> {
  const hold = book.hold(holdId);
  if (hold === undefined) return refuse({ code: 'hold_not_found', holdId });
  if (hold.state !== 'held') return refuse({ code: 'hold_ended', holdId });
  return accept(hold);
}

/** Adds to the lines what live lots still give, at most `wanted`. */
function topUp(book: Book, hold: Hold, wanted: MicroCredits): Hold {
  const lines = new Map(hold.lines.map((line) => [line.lotId, line]));
  let lineNo = Math.max(0, ...hold.lines.map((line) => line.lineNo));
  let missing = wanted;
  for (const lot of book.liveLotsInDrawOrder()) {
    const part = smallest(missing, lot.open);
    if (part === 0n) continue;
    book.setAside(lot.id, part);
    missing = subtract(missing, part);
    const line = lines.get(lot.id) ?? { lineNo: ++lineNo, lotId: lot.id, held: ZERO, captured: ZERO };
    lines.set(lot.id, { ...line, held: add(line.held, part) });
  }
  return { ...hold, lines: [...lines.values()].sort((a, b) => a.lineNo - b.lineNo) };
}

function inCaptureOrder(book: Book, hold: Hold): HoldLine[] {
  const ended = (line: HoldLine): number => (hasLapsed(book.lot(line.lotId), book.at) ? 0 : 1);
  return [...hold.lines].sort(
    (a, b) => ended(a) - ended(b) || compareDrawOrder(book.lot(a.lotId), book.lot(b.lotId)) || a.lineNo - b.lineNo,
  );
}

export function notEnough(required: MicroCredits, available: MicroCredits): CreditsExhausted {
  return {
    code: 'credits_exhausted',
    limitSource: 'account_credits',
    required,
    available: largest(available, ZERO),
    resetsAt: null,
    options: [],
  };
}

/** Who may do what at zero is known where the caller is known; the ledger only names the figures. */
export function withOptions(refusal: Refusal, options: CreditsExhausted['options']): Refusal {
  return refusal.code === 'credits_exhausted' ? { ...refusal, options } : refusal;
}
