// Domain room. A book is a working copy of one scope: verbs read and change the copy, and what came of it is handed
// out as changes. A refused operation throws its copy away, so a neighbour in the same commit never sees it.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, subtract } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { Instant } from '../time/instant.js';
import type { Entry, LedgerAccount } from './entry.js';
import { lotAccount } from './entry.js';
import type { Hold } from './hold.js';
import type { Lot } from './lot.js';
import { availableOf, compareDrawOrder, isLive } from './lot.js';

export interface ScopeSnapshot {
  readonly scopeId: string;
  /** Entries written so far; the next one gets this number plus 1. */
  readonly entrySeq: bigint;
  readonly lots: ReadonlyMap<string, Lot>;
  readonly holds: ReadonlyMap<string, Hold>;
}

export interface ScopeChanges {
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
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
  private readonly entries: Entry[] = [];

  constructor(
    private readonly snapshot: ScopeSnapshot,
    readonly at: Instant,
    private readonly context: EntryContext = NO_CONTEXT,
  ) {
    this.lots = new Map(snapshot.lots);
    this.holds = new Map(snapshot.holds);
  }

  get scopeId(): string {
    return this.snapshot.scopeId;
  }

  get nextSeq(): bigint {
    return this.snapshot.entrySeq + BigInt(this.entries.length) + 1n;
  }

  available(): MicroCredits {
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

  liveLotsInDrawOrder(): Lot[] {
    return [...this.lots.values()].filter((lot) => isLive(lot, this.at)).sort(compareDrawOrder);
  }

  hold(holdId: string): Hold | undefined {
    return this.holds.get(holdId);
  }

  putHold(hold: Hold): void {
    this.holds.set(hold.id, hold);
    this.touchedHolds.add(hold.id);
  }

  openLot(lot: Lot, from: LedgerAccount): void {
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

  /** Between two accounts outside the lots: what the platform writes off. */
  moveOutside(from: LedgerAccount, to: LedgerAccount, amount: MicroCredits): void {
    this.write({ from, to, amount }, null);
  }

  changes(): ScopeChanges {
    return {
      lots: [...this.touchedLots].map((id) => this.lot(id)),
      holds: [...this.touchedHolds].flatMap((id) => this.holds.get(id) ?? []),
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
  return { ...snapshot, entrySeq: snapshot.entrySeq + BigInt(changes.entries.length), lots, holds };
}

export function remainingOf(lot: Lot): MicroCredits {
  return add(lot.open, lot.held);
}

export function spentOf(lot: Lot): MicroCredits {
  return subtract(lot.granted, remainingOf(lot));
}
