// Domain room. A book is a working copy of one scope: verbs read and change the copy, and what came of it is handed
// out as changes. A refused operation throws its copy away, so a neighbour in the same commit never sees it.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, subtract, ZERO } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { Instant } from '../time/instant.js';
import type { Counter, LimitNow } from './counter.js';
import { counterId, freshCounter } from './counter.js';
import type { Entry, LedgerAccount } from './entry.js';
import { debtAccount, lotAccount } from './entry.js';
import type { Hold } from './hold.js';
import type { Lot } from './lot.js';
import { availableOf, compareDrawOrder, isLive } from './lot.js';
import type { Payer } from './payer.js';
import { mayPay, OWNER } from './payer.js';

export interface ScopeSnapshot {
  readonly scopeId: string;
  /** Entries written so far; the next one gets this number plus 1. */
  readonly entrySeq: bigint;
  /** What was spent of a purchase that was taken back: paid first by the next purchase (edge 72). */
  readonly debt: MicroCredits;
  readonly lots: ReadonlyMap<string, Lot>;
  readonly holds: ReadonlyMap<string, Hold>;
  readonly counters: ReadonlyMap<string, Counter>;
}

export function emptyScope(scopeId: string): ScopeSnapshot {
  return { scopeId, entrySeq: 0n, debt: ZERO, lots: new Map(), holds: new Map(), counters: new Map() };
}

export interface ScopeChanges {
  /** Null where the debt stays as it is. */
  readonly debt: MicroCredits | null;
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly counters: readonly Counter[];
  readonly entries: readonly Entry[];
}

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

  constructor(
    private readonly snapshot: ScopeSnapshot,
    readonly at: Instant,
    private readonly context: EntryContext = NO_CONTEXT,
  ) {
    this.lots = new Map(snapshot.lots);
    this.holds = new Map(snapshot.holds);
    this.counters = new Map(snapshot.counters);
    this.owed = snapshot.debt;
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

  openLot(lot: Lot, from: LedgerAccount): void {
    invariant(!this.lots.has(lot.id), 'ledger.sum-zero', `lot ${lot.id} was opened before`);
    this.write({ from, to: lotAccount(lot.id, 'open'), amount: lot.open }, lot);
    this.lots.set(lot.id, lot);
    this.touchedLots.add(lot.id);
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
  putOpen(lotId: string, amount: MicroCredits, from: LedgerAccount): void {
    this.move(lotId, { from, to: lotAccount(lotId, 'open'), amount });
  }

  markClawedBack(lotId: string): void {
    this.lots.set(lotId, { ...this.lot(lotId), clawedBack: true });
    this.touchedLots.add(lotId);
  }

  /** Between two accounts outside the lots: what the platform writes off. */
  moveOutside(from: LedgerAccount, to: LedgerAccount, amount: MicroCredits): void {
    this.write({ from, to, amount }, null);
  }

  changes(): ScopeChanges {
    return {
      lots: [...this.touchedLots].map((id) => this.lot(id)),
      debt: this.owed === this.snapshot.debt ? null : this.owed,
      holds: [...this.touchedHolds].flatMap((id) => this.holds.get(id) ?? []),
      counters: [...this.touchedCounters].flatMap((id) => this.counters.get(id) ?? []),
      entries: this.entries,
    };
  }

  private move(lotId: string, movement: Movement): void {
    const before = this.lot(lotId);
    const after: Lot = {
      ...before,
      open: sideAfter(before.open, lotAccount(lotId, 'open'), movement),
      held: sideAfter(before.held, lotAccount(lotId, 'held'), movement),
    };
    this.lots.set(lotId, after);
    this.touchedLots.add(lotId);
    this.write(movement, after);
  }

  private write(movement: Movement, lot: Lot | null): void {
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
      jobId: this.context.jobId,
      stepOrdinal: this.context.stepOrdinal,
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

/** The scope as it is after an operation: how one operation's outcome becomes the next one's ground. */
export function applyChanges(snapshot: ScopeSnapshot, changes: ScopeChanges): ScopeSnapshot {
  const lots = new Map(snapshot.lots);
  for (const lot of changes.lots) lots.set(lot.id, lot);
  const holds = new Map(snapshot.holds);
  for (const hold of changes.holds) holds.set(hold.id, hold);
  const counters = new Map(snapshot.counters);
  for (const counter of changes.counters) counters.set(counter.id, counter);
  return {
    ...snapshot,
    entrySeq: snapshot.entrySeq + BigInt(changes.entries.length),
    debt: changes.debt ?? snapshot.debt,
    lots,
    holds,
    counters,
  };
}

export function remainingOf(lot: Lot): MicroCredits {
  return add(lot.open, lot.held);
}

export function spentOf(lot: Lot): MicroCredits {
  return subtract(lot.granted, remainingOf(lot));
}
