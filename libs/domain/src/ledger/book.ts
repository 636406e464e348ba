// Domain room. A book is a working copy of one scope: verbs read and change the copy, and what came of it is handed
// out as changes. A refused operation throws its copy away, so a neighbour in the same commit never sees it.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, shortfall, subtract, ZERO } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import { instant, type Instant } from '../time/instant.js';
import type { Counter, CounterPeriod, LimitNow } from './counter.js';
import { counterId, freshCounter } from './counter.js';
import { dueLot } from './due-lot.js';
import type { Entry, LedgerAccount } from './entry.js';
import { debtAccount, lotAccount } from './entry.js';
import type { Hold } from './hold.js';
import type { Lot } from './lot.js';
import { availableOf, compareDrawOrder, hasLapsed, isLive } from './lot.js';
import type { Payer } from './payer.js';
import { mayPay, OWNER } from './payer.js';
import type { ScopeChanges, ScopeSnapshot } from './scope.js';
import type { LimitRef, TermsChanges } from './terms.js';
import { limitsNow, nextPeriodStart, PERIOD_KINDS, SAME_TERMS } from './terms.js';

export interface EntryContext {
  readonly jobId: string | null;
  readonly stepOrdinal: number | null;
}

export const NO_CONTEXT: EntryContext = { jobId: null, stepOrdinal: null };

export class Book {
  private readonly lots: Map<string, Lot>;
  private readonly holds: Map<string, Hold>;
  private readonly touchedLots = new Set<string>();
  private readonly touchedHolds = new Set<string>();
  private readonly counters: Map<string, Counter>;
  private readonly touchedCounters = new Set<string>();
  private owed: MicroCredits;
  private readonly entries: Entry[] = [];
  private dayOpened: Instant | null = null;

  constructor(
    private readonly snapshot: ScopeSnapshot,
    readonly at: Instant,
    private readonly context: EntryContext = NO_CONTEXT,
  ) {
    this.lots = new Map(snapshot.lots);
    this.holds = new Map(snapshot.holds);
    this.counters = new Map(snapshot.counters);
    this.owed = snapshot.debt;
    this.followTime();
  }

  get scopeId(): string {
    return this.snapshot.scopeId;
  }

  get nextSeq(): bigint {
    return this.snapshot.entrySeq + BigInt(this.entries.length) + 1n;
  }

  /** What a payer could hold now. */
  available(payer: Payer = OWNER): MicroCredits {
    return availableOf(
      [...this.lots.values()].filter((lot) => mayPay(payer, lot.kind)),
      this.at,
    );
  }

  /** All that may still be paid out of the scope's lots, begun or not, open or held. */
  get outstanding(): MicroCredits {
    const alive = this.allLots.filter((lot) => !lot.clawedBack && !hasLapsed(lot, this.at));
    return add(ZERO, ...alive.map(remainingOf));
  }

  /** The scope's headline figure: of all lots, whoever may draw on them. */
  get availableToAll(): MicroCredits {
    return availableOf(this.lots.values(), this.at);
  }

  lot(lotId: string): Lot {
    const lot = this.lots.get(lotId);
    invariant(lot !== undefined, 'hold.lines-on-known-lots', `lot ${lotId} is not in the book`);
    return lot;
  }

  lotBySource(kind: Lot['kind'], sourceRef: string): Lot | undefined {
    return [...this.lots.values()].find((lot) => lot.kind === kind && lot.sourceRef === sourceRef);
  }

  get debt(): MicroCredits {
    return this.owed;
  }

  get allLots(): readonly Lot[] {
    return [...this.lots.values()];
  }

  /** When time alone may bring this payer more: the next day or period, or what was granted ahead. */
  nextReset(payer: Payer): Instant | null {
    const { day } = this.snapshot;
    const mine = this.allLots.filter((lot) => mayPay(payer, lot.kind) && !lot.clawedBack);
    const starts = [
      ...(day !== null && day.allowance > 0n && mayPay(payer, 'daily') ? [day.end] : []),
      ...mine.filter((lot) => lot.validFrom > this.at && lot.open > 0n).map((lot) => lot.validFrom),
      ...mine.filter((lot) => PERIOD_KINDS.includes(lot.kind)).flatMap((lot) => lot.expiresAt ?? []),
    ].filter((start) => start > this.at);
    return starts.length === 0 ? null : instant(Math.min(...starts));
  }

  /** When what is used under a limit counts anew; null where nothing says when. */
  nextPeriod(period: CounterPeriod): Instant | null {
    return nextPeriodStart({ day: this.snapshot.day, lots: this.allLots, at: this.at }, period);
  }

  /** The limits of that name, as they are set now and in the periods they count in now. */
  limits(refs: readonly LimitRef[]): LimitNow[] {
    const { terms, day } = this.snapshot;
    const ground = { limits: terms.limits, day, at: this.at };
    return limitsNow({ ...ground, lots: this.allLots, counters: [...this.counters.values()] }, refs);
  }

  liveLotsInDrawOrder(payer: Payer = OWNER): Lot[] {
    return [...this.lots.values()]
      .filter((lot) => isLive(lot, this.at) && mayPay(payer, lot.kind))
      .sort(compareDrawOrder);
  }

  hold(holdId: string): Hold | undefined {
    return this.holds.get(holdId);
  }

  putHold(hold: Hold): void {
    this.holds.set(hold.id, hold);
    this.touchedHolds.add(hold.id);
  }

  counter(now: LimitNow): Counter {
    return this.counters.get(counterId(this.scopeId, now)) ?? freshCounter(this.scopeId, now);
  }

  counterById(id: string): Counter {
    const counter = this.counters.get(id);
    invariant(counter !== undefined, 'hold.captured-at-most-held', `counter ${id} is not in the book`);
    return counter;
  }

  putCounter(counter: Counter): void {
    invariant(counter.used >= 0n && counter.held >= 0n, 'lot.never-negative', `counter ${counter.id}`);
    this.counters.set(counter.id, counter);
    this.touchedCounters.add(counter.id);
  }

  openLot(lot: Lot, from: LedgerAccount, context = this.context): void {
    invariant(!this.lots.has(lot.id), 'ledger.sum-zero', `lot ${lot.id} was opened before`);
    this.write({ from, to: lotAccount(lot.id, 'open'), amount: lot.open }, lot, context);
    this.putLot(lot);
  }

  /** open -> held of the same lot. */
  setAside(lotId: string, amount: MicroCredits): void {
    this.move(lotId, { from: lotAccount(lotId, 'open'), to: lotAccount(lotId, 'held'), amount });
  }

  /** held -> open of the same lot. */
  giveBack(lotId: string, amount: MicroCredits): void {
    this.move(lotId, { from: lotAccount(lotId, 'held'), to: lotAccount(lotId, 'open'), amount });
  }

  /** held -> an account outside: consumed, or lapsed. */
  payOut(lotId: string, amount: MicroCredits, to: LedgerAccount): void {
    this.move(lotId, { from: lotAccount(lotId, 'held'), to, amount });
  }

  /** open -> an account outside: lapsed, clawed back, or debt. */
  takeOpen(lotId: string, amount: MicroCredits, to: LedgerAccount): void {
    this.move(lotId, { from: lotAccount(lotId, 'open'), to, amount });
  }

  /** An account outside -> open: a refund to the lot it came from. */
  putOpen(lotId: string, { amount, from }: Pick<Movement, 'amount' | 'from'>, context = this.context): void {
    this.move(lotId, { from, to: lotAccount(lotId, 'open'), amount }, context);
  }

  /** A lot that is being made in several entries: what it was granted grows with each. */
  growOpen(lotId: string, { amount, from }: Pick<Movement, 'amount' | 'from'>, context = this.context): void {
    const lot = this.lot(lotId);
    this.putLot({ ...lot, granted: add(lot.granted, amount) });
    this.putOpen(lotId, { amount, from }, context);
  }

  get atOperation(): EntryContext {
    return this.context;
  }

  /** It ends at this very instant, whatever its grant had named. */
  endNow(lotId: string): void {
    const lot = this.lot(lotId);
    this.putLot({ ...lot, expiresAt: this.at, grantedUntil: lot.grantedUntil ?? lot.expiresAt });
  }

  markClawedBack(lotId: string): void {
    this.putLot({ ...this.lot(lotId), clawedBack: true });
  }

  /** Between two accounts outside the lots: what the platform writes off. */
  moveOutside(from: LedgerAccount, to: LedgerAccount, amount: MicroCredits): void {
    this.write({ from, to, amount }, null);
  }

  changes(terms: Pick<TermsChanges, 'rows' | 'limits'> = SAME_TERMS): ScopeChanges {
    return {
      terms: { ...terms, dayOpened: this.dayOpened },
      lots: [...this.touchedLots].map((id) => this.lot(id)),
      debt: this.owed === this.snapshot.debt ? null : this.owed,
      holds: [...this.touchedHolds].flatMap((id) => this.holds.get(id) ?? []),
      counters: [...this.touchedCounters].flatMap((id) => this.counters.get(id) ?? []),
      entries: this.entries,
    };
  }

  /**
   * The lot that is due is there for the first posting that meets it. After a change of terms it grows to what the day
   * is given now, and its end moves along. One that is used up need not be in the book: it was opened, so it stays
   * closed.
   */
  private followTime(): void {
    const { day, terms } = this.snapshot;
    const due = dueLot({ scopeId: this.scopeId, day, at: this.at }, this.nextSeq);
    if (due === null) return;
    const from: LedgerAccount = `issued:${due.kind}`;
    if (terms.dayOpened !== due.validFrom) {
      this.openLot(due, from, NO_CONTEXT);
      this.dayOpened = due.validFrom;
      return;
    }
    const lot = this.lots.get(due.id);
    if (lot === undefined || lot.clawedBack) return;
    if (lot.expiresAt !== due.expiresAt) this.putLot({ ...lot, expiresAt: due.expiresAt });
    const growth = shortfall(due.granted, lot.granted);
    if (growth === 0n) return;
    this.growOpen(lot.id, { amount: growth, from });
  }

  private putLot(lot: Lot): void {
    this.lots.set(lot.id, lot);
    this.touchedLots.add(lot.id);
  }

  /** The same job, at a step of it. */
  atStep(stepOrdinal: number | null): EntryContext {
    return { ...this.context, stepOrdinal };
  }

  private move(lotId: string, movement: Movement, context = this.context): void {
    const before = this.lot(lotId);
    const after: Lot = {
      ...before,
      open: sideAfter(before.open, lotAccount(lotId, 'open'), movement),
      held: sideAfter(before.held, lotAccount(lotId, 'held'), movement),
      lapsed: movement.to === 'lapsed' ? add(before.lapsed, movement.amount) : before.lapsed,
    };
    this.putLot(after);
    this.write(movement, after, context);
  }

  private write(movement: Movement, lot: Lot | null, context = this.context): void {
    const { from, to, amount } = movement;
    invariant(amount > 0n, 'ledger.sum-zero', `an entry moves more than nothing: ${amount} from ${from}`);
    const debt = debtAccount(this.scopeId);
    if (from === debt) this.owed = add(this.owed, amount);
    if (to === debt) this.owed = subtract(this.owed, amount);
    invariant(this.owed >= 0n, 'ledger.sum-zero', `more debt was paid than was owed: ${amount}`);
    this.entries.push({
      from,
      to,
      amount,
      lotId: lot?.id ?? null,
      lotOpenAfter: lot?.open ?? null,
      lotHeldAfter: lot?.held ?? null,
      jobId: context.jobId,
      stepOrdinal: context.stepOrdinal,
    });
  }
}

type Movement = Pick<Entry, 'from' | 'to' | 'amount'>;

function sideAfter(before: MicroCredits, account: LedgerAccount, { from, to, amount }: Movement): MicroCredits {
  const arrived = to === account ? add(before, amount) : before;
  const after = from === account ? subtract(arrived, amount) : arrived;
  invariant(after >= 0n, 'lot.never-negative', `${account}: ${amount} of ${before}`);
  return after;
}

export function remainingOf(lot: Lot): MicroCredits {
  return add(lot.open, lot.held);
}

export function spentOf(lot: Lot): MicroCredits {
  return subtract(lot.granted, remainingOf(lot));
}
