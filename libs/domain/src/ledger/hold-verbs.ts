// Domain room. The verbs of a hold: open or hold afresh, capture, end. Each refuses with a typed code before it changes
// anything; credits and limits move together.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, MAX_MICRO_CREDITS, shortfall, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Book } from './book.js';
import type { HoldCounter, LimitNow } from './counter.js';
import { holdOnCounter, limitOfCounter, useCounter } from './counter.js';
import { consumedAccount, debtAccount } from './entry.js';
import type { Hold, HoldLine } from './hold.js';
import { heldOf } from './hold.js';
import type { LotKind } from './lot.js';
import { compareDrawOrder, hasLapsed } from './lot.js';
import type { Payer } from './payer.js';
import { OWNER } from './payer.js';
import { reachOf } from './reach.js';
import type { LimitRef } from './terms.js';

/** Which part of an amount came from which lot. */
export interface LotPart {
  readonly lotId: string;
  readonly lotKind: LotKind;
  readonly amount: MicroCredits;
}

export interface HoldOrder {
  readonly holdId: string;
  readonly jobId: string;
  /** What must be set aside afterwards, on lots that live now. */
  readonly target: MicroCredits;
  /** Fixed when the hold is opened; a later order does not change it. */
  readonly payer?: Payer;
  /** Names of the limits it rides on for as long as it lives, each time as they are set then. */
  readonly limitRefs?: readonly LimitRef[];
  /** Limits it must pass this time besides, in their present periods. */
  readonly limits?: readonly LimitNow[];
}

/**
 * Opens the hold or holds it afresh: what lies on ended lots lapses, the rest is laid out anew in draw order over the
 * lots that live now, and only the differences become entries. Refuses when the live lots or a limit do not reach.
 */
export function holdAfresh(book: Book, order: HoldOrder): Outcome<{ readonly held: MicroCredits }> {
  if (order.target < 0n) return refuse({ code: 'amount_out_of_range', field: 'target' });
  const before = book.hold(order.holdId);
  if (before !== undefined && before.state !== 'held') return refuse({ code: 'hold_ended', holdId: order.holdId });
  const payer = before?.payer ?? order.payer ?? OWNER;
  // Names only: whatever else came with them is as it was then, and counts as it is now.
  const limitRefs = before?.limitRefs ?? (order.limitRefs ?? []).map(named);
  const limits = [...(order.limits ?? []), ...book.limits(limitRefs)];
  const reach = reachOf(book, { before, payer, limits });
  if (order.target > reach.amount) return refuse(reach.refusalOf(order.target));
  const lines = layOut(book, { before, payer, target: order.target });
  const counters = holdCounters(book, { before, limits, target: order.target });
  book.putHold({ id: order.holdId, jobId: order.jobId, state: 'held', payer, limitRefs, lines, counters });
  return accept({ held: order.target });
}

function named({ kind, subject, usual }: LimitRef): LimitRef {
  return { kind, subject, ...(usual === undefined ? {} : { usual }) };
}

interface Layout {
  readonly before: Hold | undefined;
  readonly payer: Payer;
  readonly target: MicroCredits;
}

function layOut(book: Book, { before, payer, target }: Layout): HoldLine[] {
  const own = new Map((before?.lines ?? []).map((line) => [line.lotId, line]));
  const lines = new Map<string, HoldLine>();
  let lineNo = highestLine(before);
  let missing = target;
  for (const lot of book.liveLotsInDrawOrder(payer)) {
    const line = own.get(lot.id);
    const mine = line?.held ?? ZERO;
    const wanted = smallest(missing, add(lot.open, mine));
    missing = subtract(missing, wanted);
    if (wanted > mine) book.setAside(lot.id, subtract(wanted, mine));
    if (wanted < mine) book.giveBack(lot.id, subtract(mine, wanted));
    if (line !== undefined) lines.set(lot.id, { ...line, held: wanted });
    else if (wanted > 0n) lines.set(lot.id, newLine(++lineNo, lot.id, wanted));
  }
  for (const line of own.values()) {
    if (lines.has(line.lotId)) continue;
    letGo(book, line);
    lines.set(line.lotId, { ...line, held: ZERO });
  }
  return [...lines.values()].sort((a, b) => a.lineNo - b.lineNo);
}

interface CounterLayout {
  readonly before: Hold | undefined;
  readonly limits: readonly LimitNow[];
  readonly target: MicroCredits;
}

/** Moves what is held to the counters of the present periods; what was used stays where it was counted. */
function holdCounters(book: Book, { before, limits, target }: CounterLayout): HoldCounter[] {
  const parts = new Map((before?.counters ?? []).map((part) => [part.counterId, part]));
  const present = new Set<string>();
  for (const now of limits) {
    const counter = book.counter(now);
    const part = parts.get(counter.id) ?? { counterId: counter.id, held: ZERO, used: ZERO };
    book.putCounter(holdOnCounter(counter, part.held, target));
    parts.set(counter.id, { ...part, held: target });
    present.add(counter.id);
  }
  for (const part of parts.values()) {
    if (present.has(part.counterId) || part.held === 0n) continue;
    book.putCounter(holdOnCounter(book.counterById(part.counterId), part.held, ZERO));
    parts.set(part.counterId, { ...part, held: ZERO });
  }
  return [...parts.values()];
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

/**
 * held -> consumed, ended lots first, then draw order, then line number; an overrun is drawn or written off. What is
 * captured of a purchase that was taken back meanwhile is owed.
 */
export function capture(book: Book, order: CaptureOrder): Outcome<Captured> {
  if (order.amount < 0n || order.amount > MAX_MICRO_CREDITS) {
    return refuse({ code: 'amount_out_of_range', field: 'amount' });
  }
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
    const lot = book.lot(line.lotId);
    book.payOut(line.lotId, part, consumed);
    if (lot.clawedBack) book.moveOutside(debtAccount(book.scopeId), 'clawed_back', part);
    paidFrom.push({ lotId: line.lotId, lotKind: lot.kind, amount: part });
    taken.set(line.lineNo, part);
    missing = subtract(missing, part);
  }
  const paid = subtract(order.amount, missing);
  const lines = hold.lines.map((line) => {
    const part = taken.get(line.lineNo) ?? ZERO;
    return { ...line, held: subtract(line.held, part), captured: add(line.captured, part) };
  });
  book.putHold({ ...hold, lines, counters: useCounters(book, hold, paid) });
  if (missing > 0n) book.moveOutside('written_off', consumed, missing);
  return accept({ paid, paidFrom, writtenOff: missing });
}

/** The use counts once under each limit: where its share is held, else in the latest period the hold has moved to. */
function useCounters(book: Book, hold: Hold, paid: MicroCredits): readonly HoldCounter[] {
  if (paid === 0n) return hold.counters;
  const byPeriod = partsByPeriod(book, hold);
  const inOrder = [...byPeriod.filter((part) => part.held === 0n), ...byPeriod.filter((part) => part.held > 0n)];
  const latest = new Map(inOrder.map((part) => [limitOfCounter(part.counterId), part.counterId]));
  return hold.counters.map((part) => {
    if (latest.get(limitOfCounter(part.counterId)) !== part.counterId) return part;
    const [counter, used] = useCounter(book.counterById(part.counterId), part, paid);
    book.putCounter(counter);
    return used;
  });
}

/** A hold's parts of counters, the earliest period first. */
export function partsByPeriod(book: Book, hold: Hold): readonly HoldCounter[] {
  const startOf = (part: HoldCounter): number => book.counterById(part.counterId).periodStart;
  return [...hold.counters].sort((a, b) => startOf(a) - startOf(b));
}

/** Ends a hold once: held -> open, or where the lot has ended or was taken back meanwhile, where such credits go. */
export function endHold(
  book: Book,
  holdId: string,
  state: 'settled' | 'released',
): Outcome<{ readonly released: MicroCredits }> {
  const open = openHold(book, holdId);
  if (!open.ok) return open;
  for (const line of inCaptureOrder(book, open.value).reverse()) letGo(book, line);
  const counters = holdCounters(book, { before: open.value, limits: [], target: ZERO });
  const lines = open.value.lines.map((line) => ({ ...line, held: ZERO }));
  book.putHold({ ...open.value, state, lines, counters });
  return accept({ released: heldOf(open.value) });
}

/** Credits of a purchase that was taken back go after it; they were not spent, so they leave no debt. */
function letGo(book: Book, line: HoldLine): void {
  if (line.held === 0n) return;
  const lot = book.lot(line.lotId);
  if (lot.clawedBack) {
    book.payOut(line.lotId, line.held, 'clawed_back');
  } else if (hasLapsed(lot, book.at)) {
    book.payOut(line.lotId, line.held, 'lapsed');
  } else {
    book.giveBack(line.lotId, line.held);
  }
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
  let lineNo = highestLine(hold);
  let missing = wanted;
  for (const lot of book.liveLotsInDrawOrder(hold.payer)) {
    const part = smallest(missing, lot.open);
    if (part === 0n) continue;
    book.setAside(lot.id, part);
    missing = subtract(missing, part);
    const line = lines.get(lot.id) ?? newLine(++lineNo, lot.id, ZERO);
    lines.set(lot.id, { ...line, held: add(line.held, part) });
  }
  return { ...hold, lines: [...lines.values()].sort((a, b) => a.lineNo - b.lineNo) };
}

function newLine(lineNo: number, lotId: string, held: MicroCredits): HoldLine {
  return { lineNo, lotId, held, captured: ZERO, reversed: ZERO };
}

function highestLine(hold: Hold | undefined): number {
  return Math.max(0, ...(hold?.lines ?? []).map((line) => line.lineNo));
}

function inCaptureOrder(book: Book, hold: Hold): HoldLine[] {
  const ended = (line: HoldLine): number => (hasLapsed(book.lot(line.lotId), book.at) ? 0 : 1);
  return [...hold.lines].sort(
    (a, b) => ended(a) - ended(b) || compareDrawOrder(book.lot(a.lotId), book.lot(b.lotId)) || a.lineNo - b.lineNo,
  );
}
