// Test harness. One scope of the ledger in memory that verbs are played on, one book each, as operations are. All
// entries are kept, so that a suite can recompute every figure from them alone.
import type {
  Entry,
  GrantOrder,
  Instant,
  LimitNow,
  MicroCredits,
  Outcome,
  Payer,
  ReverseOrder,
  ScopeSnapshot,
} from '@fairmeter/domain';
import {
  applyChanges,
  Book,
  capture,
  clawBack,
  emptyScope,
  endHold,
  grant,
  holdAfresh,
  reverse,
} from '@fairmeter/domain';
import { after, creditsOf, grantOrder, T0 } from './orders.js';

export interface HoldWish {
  readonly payer?: Payer;
  readonly limits?: readonly LimitNow[];
}

/** An amount whose lot ends so many milliseconds from now. */
export interface DatedAmount {
  readonly amount: string;
  readonly endsIn: number | undefined;
}

export class LedgerScope {
  snapshot: ScopeSnapshot;
  at: Instant = T0;
  /** What the last command wrote; nothing where it was refused. */
  fresh: readonly Entry[] = [];
  readonly entries: Entry[] = [];

  constructor(scopeId = 'account/acc_1') {
    this.snapshot = emptyScope(scopeId);
  }

  wait(milliseconds: number): this {
    this.at = after(this.at, milliseconds);
    return this;
  }

  play<T>(verb: (book: Book) => Outcome<T>): Outcome<T> {
    const book = new Book(this.snapshot, this.at);
    const outcome = verb(book);
    this.fresh = outcome.ok ? book.changes().entries : [];
    if (outcome.ok) this.snapshot = applyChanges(this.snapshot, book.changes());
    this.entries.push(...this.fresh);
    return outcome;
  }

  grant(lotId: string, kind: GrantOrder['kind'], wish: string | DatedAmount): ReturnType<typeof grant> {
    const { amount, endsIn } = typeof wish === 'string' ? { amount: wish, endsIn: undefined } : wish;
    const expiresAt = endsIn === undefined ? null : after(this.at, endsIn);
    const order = grantOrder({ lotId, kind, amount: creditsOf(amount), expiresAt });
    return this.play((book) => grant(book, order));
  }

  hold(holdId: string, amount: string, wish: HoldWish = {}): ReturnType<typeof holdAfresh> {
    return this.play((book) => holdAfresh(book, { holdId, jobId: holdId, target: creditsOf(amount), ...wish }));
  }

  capture(holdId: string, amount: string, mayOverrunBy = '0'): ReturnType<typeof capture> {
    const order = { holdId, amount: creditsOf(amount), mayOverrunBy: creditsOf(mayOverrunBy) };
    return this.play((book) => capture(book, order));
  }

  end(holdId: string): ReturnType<typeof endHold> {
    return this.play((book) => endHold(book, holdId, 'settled'));
  }

  clawBack(lotId: string): ReturnType<typeof clawBack> {
    return this.play((book) => clawBack(book, lotId));
  }

  /** A refund whose compensation lots, if it needs any, are named after `ref`. */
  reverse(
    holdId: string,
    parts: Readonly<Record<string, string>>,
    { form = 'origin_while_live', ref = 'refund' }: { form?: ReverseOrder['form']; ref?: string } = {},
  ): ReturnType<typeof reverse> {
    const order: ReverseOrder = {
      holdId,
      parts: Object.entries(parts).map(([lotId, amount]) => ({ lotId, amount: creditsOf(amount) })),
      form,
      compensation: { fromDailyLotId: `${ref}-daily`, lotId: ref, sourceRef: ref },
    };
    return this.play((book) => reverse(book, order));
  }

  /** Open and held of a lot, in micro-credits. */
  lot(lotId: string): readonly [MicroCredits, MicroCredits] {
    const lot = this.snapshot.lots.get(lotId);
    if (lot === undefined) throw new Error(`no lot ${lotId}`);
    return [lot.open, lot.held];
  }

  get debt(): MicroCredits {
    return this.snapshot.debt;
  }

  /** What the last command moved, in words. */
  get moved(): string[] {
    const short = (account: string): string => account.replace('lot:', '').replace(`:${this.snapshot.scopeId}`, '');
    return this.fresh.map(({ from, to, amount }) => `${short(from)} > ${short(to)} ${amount}`);
  }
}

/** What each account has received less what it gave, from the entries alone. */
export function balancesOf(entries: readonly Entry[]): Map<string, bigint> {
  const of = new Map<string, bigint>();
  for (const { from, to, amount } of entries) {
    of.set(from, (of.get(from) ?? 0n) - amount);
    of.set(to, (of.get(to) ?? 0n) + amount);
  }
  return of;
}
