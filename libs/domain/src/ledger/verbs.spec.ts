// Goal: the verbs of the ledger on worked examples. Method: one scope, lots named by what they are, figures by hand.
import { describe, expect, it } from '@jest/globals';
import { after, creditsOf, grantOrder, T0 } from '../../../../test/harness/orders.js';
import type { Outcome } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';
import { Book } from './book.js';
import type { Lot } from './lot.js';
import { capture, endHold, holdAfresh } from './hold-verbs.js';
import { grant } from './lot-verbs.js';
import type { ScopeChanges, ScopeSnapshot } from './scope.js';
import { applyChanges, emptyScope, NO_CHANGES } from './scope.js';

const HOLD = 'hld_1';

/** A scope that verbs are played on, one book each, as operations are. */
class Scope {
  snapshot: ScopeSnapshot = emptyScope('account/acc_1');
  last: ScopeChanges = NO_CHANGES;
  at: Instant = T0;

  play<T>(verb: (book: Book) => Outcome<T>): Outcome<T> {
    const book = new Book(this.snapshot, this.at);
    const outcome = verb(book);
    if (!outcome.ok) return outcome;
    this.last = book.changes();
    this.snapshot = applyChanges(this.snapshot, this.last);
    return outcome;
  }

  lots(...lots: readonly { id: string; kind: Lot['kind']; amount: string; endsIn?: number }[]): this {
    for (const { id, kind, amount, endsIn } of lots) {
      const expiresAt = endsIn === undefined ? null : after(T0, endsIn);
      this.play((book) => grant(book, grantOrder({ lotId: id, kind, amount: creditsOf(amount), expiresAt })));
    }
    return this;
  }

  hold(amount: string, holdId = HOLD): Outcome<unknown> {
    return this.play((book) => holdAfresh(book, { holdId, jobId: 'job_1', target: creditsOf(amount) }));
  }

  capture(amount: string, mayOverrunBy = '0', holdId = HOLD): ReturnType<typeof capture> {
    const order = { holdId, amount: creditsOf(amount), mayOverrunBy: creditsOf(mayOverrunBy) };
    return this.play((book) => capture(book, order));
  }

  end(): Outcome<unknown> {
    return this.play((book) => endHold(book, HOLD, 'settled'));
  }

  /** What the last verb moved, in words. */
  get moved(): string[] {
    return this.last.entries.map(({ from, to, amount }) => `${short(from)} > ${short(to)} ${amount}`);
  }

  open(id: string): bigint | undefined {
    return this.snapshot.lots.get(id)?.open;
  }
}

const short = (account: string): string => account.replace('lot:', '').replace(':account/acc_1', '');

const W1 = [
  { id: 'daily', kind: 'daily', amount: '5', endsIn: 1_000 },
  { id: 'subscription', kind: 'subscription', amount: '100' },
  { id: 'bonus', kind: 'bonus_promo', amount: '20' },
] as const;

describe('grant', () => {
  it('[E12] stacks: two grants are two lots, and both can be spent', () => {
    const scope = new Scope().lots(
      { id: 'a', kind: 'bonus_admin', amount: '2' },
      { id: 'b', kind: 'bundle', amount: '3' },
    );
    expect(scope.snapshot.lots.size).toBe(2);
    expect(scope.hold('5')).toMatchObject({ ok: true });
  });

  it('refuses the same source of the same kind a second time, and an amount that is no amount', () => {
    const scope = new Scope().lots({ id: 'a', kind: 'bundle', amount: '2' });
    const again = grantOrder({ lotId: 'b', kind: 'bundle', sourceRef: 'a' });
    expect(scope.play((book) => grant(book, again))).toMatchObject({ ok: false, refusal: { code: 'lot_exists' } });
    const nothing = grantOrder({ lotId: 'c', amount: creditsOf('0') });
    expect(scope.play((book) => grant(book, nothing))).toMatchObject({ refusal: { code: 'amount_out_of_range' } });
    expect(scope.snapshot.lots.size).toBe(1);
  });
});

describe('hold and capture', () => {
  it('[W1] [E9] charges 7.3 as 5 daily, 2.3 subscription and no bonus', () => {
    const scope = new Scope().lots(...W1);
    scope.hold('7.3');
    expect(scope.capture('7.3')).toMatchObject({
      value: {
        paid: 7_300_000n,
        paidFrom: [
          { lotId: 'daily', amount: 5_000_000n },
          { lotId: 'subscription', amount: 2_300_000n },
        ],
      },
    });
  });

  it('[W1] [E9] charges 1.0 over 0.2 daily, 0.1 subscription and 0.7 bonus', () => {
    const scope = new Scope().lots(
      { id: 'bonus', kind: 'bonus_promo', amount: '1' },
      { id: 'subscription', kind: 'subscription', amount: '0.1' },
      { id: 'daily', kind: 'daily', amount: '0.2' },
    );
    scope.hold('1');
    scope.capture('1');
    expect(scope.moved).toEqual([
      'daily:held > consumed 200000',
      'subscription:held > consumed 100000',
      'bonus:held > consumed 700000',
    ]);
  });

  it('[W2] captures 1.4 of daily 2 and subscription 1, and gives 0.6 and 1.0 back', () => {
    const scope = new Scope().lots(
      { id: 'daily', kind: 'daily', amount: '2' },
      { id: 'subscription', kind: 'subscription', amount: '1' },
    );
    scope.hold('3');
    expect([scope.open('daily'), scope.open('subscription')]).toEqual([0n, 0n]);
    scope.capture('1.4');
    expect(scope.moved).toEqual(['daily:held > consumed 1400000']);
    scope.end();
    expect(scope.moved).toEqual(['subscription:held > subscription:open 1000000', 'daily:held > daily:open 600000']);
  });

  it('[edge 21] draws an overrun on what is available, and writes the rest off instead of going below nothing', () => {
    const scope = new Scope().lots({ id: 'subscription', kind: 'subscription', amount: '3' });
    scope.hold('2');
    expect(scope.capture('4', '20')).toMatchObject({ value: { paid: 3_000_000n, writtenOff: 1_000_000n } });
    expect(scope.moved).toEqual([
      'subscription:open > subscription:held 1000000',
      'subscription:held > consumed 3000000',
      'written_off > consumed 1000000',
    ]);
    expect(scope.open('subscription')).toBe(0n);
  });

  it('[edge 21] never overruns what is left of the budget, though more is available', () => {
    const scope = new Scope().lots({ id: 'subscription', kind: 'subscription', amount: '10' });
    scope.hold('2');
    expect(scope.capture('4', '0.5')).toMatchObject({ value: { paid: 2_500_000n, writtenOff: 1_500_000n } });
    expect(scope.open('subscription')).toBe(7_500_000n);
  });

  it('[edge 26] does not re-book a hold when a lot that comes first is free again', () => {
    const scope = new Scope().lots(
      { id: 'daily', kind: 'daily', amount: '1' },
      { id: 'subscription', kind: 'subscription', amount: '5' },
    );
    scope.hold('1');
    scope.hold('2', 'hld_2');
    scope.end();
    expect(scope.open('daily')).toBe(1_000_000n);
    scope.capture('2', '0', 'hld_2');
    expect(scope.moved).toEqual(['subscription:held > consumed 2000000']);
  });

  it('refuses more than the lots that live can reach, and changes nothing', () => {
    const scope = new Scope().lots(
      { id: 'ended', kind: 'daily', amount: '50', endsIn: 10 },
      { id: 'b', kind: 'bundle', amount: '1' },
    );
    scope.at = after(T0, 10);
    const before = scope.snapshot;
    expect(scope.hold('1.000001')).toMatchObject({
      refusal: { code: 'credits_exhausted', required: 1_000_001n, available: 1_000_000n },
    });
    expect(scope.snapshot).toBe(before);
  });

  it('hold.ends-once: an ended hold is neither held afresh, captured nor ended again', () => {
    const scope = new Scope().lots({ id: 'a', kind: 'bundle', amount: '5' });
    scope.hold('1');
    expect(scope.end()).toMatchObject({ ok: true });
    for (const again of [scope.hold('1'), scope.capture('1'), scope.end()]) {
      expect(again).toMatchObject({ ok: false, refusal: { code: 'hold_ended', holdId: HOLD } });
    }
    expect(scope.capture('1', '0', 'hld_unknown')).toMatchObject({ refusal: { code: 'hold_not_found' } });
  });
});

describe('a lot that ends under a hold', () => {
  const nightAndDay = (): Scope =>
    new Scope().lots(
      { id: 'day-1', kind: 'daily', amount: '2', endsIn: 1_000 },
      { id: 'subscription', kind: 'subscription', amount: '10' },
    );

  it('[edge 24] is still captured by the step in flight, and first; what it does not need lapses', () => {
    const scope = nightAndDay();
    scope.hold('3');
    scope.at = after(T0, 1_000);
    scope.lots({ id: 'day-2', kind: 'daily', amount: '2', endsIn: 90_000 });
    scope.capture('1.5');
    expect(scope.moved).toEqual(['day-1:held > consumed 1500000']);
    scope.end();
    expect(scope.moved).toEqual(['subscription:held > subscription:open 1000000', 'day-1:held > lapsed 500000']);
    expect(scope.open('day-1')).toBe(0n);
  });

  it('[edge 24] lapses at the step boundary, and the next step is held on the lots that live then', () => {
    const scope = nightAndDay();
    scope.hold('2');
    scope.at = after(T0, 1_000);
    scope.lots({ id: 'day-2', kind: 'daily', amount: '2', endsIn: 90_000 });
    scope.hold('2.5');
    expect(scope.moved).toEqual([
      'day-2:open > day-2:held 2000000',
      'subscription:open > subscription:held 500000',
      'day-1:held > lapsed 2000000',
    ]);
  });

  it('[edge 25] books the steps before the end of a period on its lot, the steps after on the next', () => {
    const scope = new Scope().lots({ id: 'january', kind: 'subscription', amount: '10', endsIn: 1_000 });
    scope.hold('2');
    scope.capture('1');
    expect(scope.moved).toEqual(['january:held > consumed 1000000']);
    scope.at = after(T0, 1_000);
    scope.lots({ id: 'february', kind: 'subscription', amount: '10', endsIn: 9_000 });
    scope.hold('2');
    scope.capture('2');
    expect(scope.moved).toEqual(['february:held > consumed 2000000']);
  });

  it('captures ended lots before live ones even where the draw order says otherwise', () => {
    const scope = new Scope().lots(
      { id: 'promo', kind: 'bonus_promo', amount: '1', endsIn: 500 },
      { id: 'daily', kind: 'daily', amount: '1', endsIn: 90_000 },
    );
    scope.hold('2');
    scope.at = after(T0, 500);
    scope.capture('1.5');
    expect(scope.moved).toEqual(['promo:held > consumed 1000000', 'daily:held > consumed 500000']);
  });
});
