// Goal: refunds go home while home stands, else to a lot of their own, and never exceed what was charged. Method:
// worked refunds around a renewal, and random interleavings of refunds on one line against a sum kept by hand.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { after, creditsOf } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { formatCredits } from '../amounts/micro-credits.js';
import { InvariantViolation } from '../failures/invariant.js';
import type { LotKind } from './lot.js';
import { reverse } from './lot-verbs.js';

const MONTH = 1_000;
const DAY = 86_400_000;

/** 2.0 charged to one lot of 10 that ends within a month. */
function charged(kind: LotKind, endsIn: number | undefined = MONTH): LedgerScope {
  const scope = new LedgerScope();
  scope.grant('origin', kind, { amount: '10', endsIn });
  scope.hold('hld', '2');
  scope.capture('hld', '2');
  scope.end('hld');
  return scope;
}

describe('a refund', () => {
  it('[W9] after the renewal is a compensation lot without end; the new period is untouched', () => {
    const scope = charged('subscription').wait(MONTH);
    scope.grant('new-period', 'subscription', { amount: '10', endsIn: MONTH });
    expect(scope.reverse('hld', { origin: '2' })).toMatchObject({
      value: { amount: 2_000_000n, toLots: [{ lotId: 'refund', lotKind: 'compensation', amount: 2_000_000n }] },
    });
    expect(scope.moved).toEqual(['consumed > refund:open 2000000']);
    expect(scope.snapshot.lots.get('refund')).toMatchObject({ kind: 'compensation', expiresAt: null });
    expect([scope.lot('new-period'), scope.lot('origin')]).toEqual([
      [10_000_000n, 0n],
      [8_000_000n, 0n],
    ]);
  });

  it('[X14] of a daily lot that ended lives 30 days, not for good', () => {
    const scope = charged('daily').wait(MONTH);
    scope.reverse('hld', { origin: '2' });
    expect(scope.moved).toEqual(['consumed > refund-daily:open 2000000']);
    expect(scope.snapshot.lots.get('refund-daily')).toMatchObject({
      kind: 'compensation',
      expiresAt: after(scope.at, 30 * DAY),
    });
  });

  it.each<LotKind>(['daily', 'subscription', 'bonus_promo', 'bundle'])(
    '[X14] goes back to the lot it came from while that lives: %s',
    (kind) => {
      const scope = charged(kind).wait(MONTH - 1);
      expect(scope.reverse('hld', { origin: '2' })).toMatchObject({ value: { toLots: [{ lotId: 'origin' }] } });
      expect(scope.moved).toEqual(['consumed > origin:open 2000000']);
      expect([scope.lot('origin'), scope.snapshot.lots.size]).toEqual([[10_000_000n, 0n], 1]);
    },
  );

  it('[X14] that a review restores is a lot of its own, even while the origin lives', () => {
    const scope = charged('subscription');
    scope.reverse('hld', { origin: '2' }, { form: 'compensation' });
    expect([scope.lot('origin')[0], scope.lot('refund')[0]]).toEqual([8_000_000n, 2_000_000n]);
  });

  it('[X14] over several lots sends each part its own way', () => {
    const scope = new LedgerScope();
    scope.grant('daily', 'daily', { amount: '1', endsIn: 500 });
    scope.grant('period', 'subscription', { amount: '1', endsIn: MONTH });
    scope.grant('bundle', 'bundle', '1');
    scope.hold('hld', '3');
    scope.capture('hld', '3');
    scope.wait(MONTH).reverse('hld', { daily: '0.5', period: '0.25', bundle: '0.125' });
    expect(scope.moved).toEqual([
      'consumed > bundle:open 125000',
      'consumed > refund-daily:open 500000',
      'consumed > refund:open 250000',
    ]);
  });
});

describe('refund.at-most-charged', () => {
  it.each([
    ['more than was captured', { origin: '2.000001' }, 2_000_000n],
    ['a lot the hold never drew on', { other: '1' }, 0n],
    ['one good part beside a bad one', { origin: '1', other: '1' }, 0n],
    ['nothing at all', {}, 0n],
  ])('[F14] refuses %s and changes nothing', (_, parts, refundable) => {
    const scope = charged('subscription');
    scope.grant('other', 'bundle', '5');
    const before = scope.snapshot;
    expect(scope.reverse('hld', parts as Record<string, string>)).toEqual({
      ok: false,
      refusal: { code: 'nothing_refundable', refundable },
    });
    expect([scope.snapshot === before, scope.fresh]).toEqual([true, []]);
  });

  it('[F14] counts two parts on one lot together', () => {
    const scope = charged('subscription');
    const order = {
      holdId: 'hld',
      parts: [1, 2].map(() => ({ lotId: 'origin', amount: creditsOf('1.5') })),
      form: 'origin_while_live' as const,
      compensation: { fromDailyLotId: 'a', lotId: 'b', sourceRef: 'c' },
    };
    expect(scope.play((book) => reverse(book, order))).toMatchObject({ refusal: { code: 'nothing_refundable' } });
  });

  it('[edge 58] leaves the second of two full refunds nothing', () => {
    const scope = charged('subscription');
    expect(scope.reverse('hld', { origin: '2' })).toMatchObject({ ok: true });
    expect(scope.reverse('hld', { origin: '2' }, { form: 'compensation' })).toMatchObject({
      refusal: { code: 'nothing_refundable', refundable: 0n },
    });
  });

  it('refuses a refund of a hold it does not know, and one of nothing', () => {
    const scope = charged('subscription');
    expect(scope.reverse('unknown', { origin: '1' })).toMatchObject({ refusal: { code: 'hold_not_found' } });
    expect(scope.reverse('hld', { origin: '0' })).toMatchObject({ refusal: { code: 'amount_out_of_range' } });
  });

  it('ledger.sum-zero: breaks off where a compensation lot would take the place of another', () => {
    const scope = charged('subscription');
    scope.reverse('hld', { origin: '1' }, { form: 'compensation' });
    expect(() => scope.reverse('hld', { origin: '1' }, { form: 'compensation' })).toThrow(InvariantViolation);
  });

  it('[F14] holds over all lanes in any order: each refund passes just when it fits what is left', () => {
    const refund = fc.record({
      amount: fc.bigInt(1n, 1_500_000n).map((value) => value as MicroCredits),
      form: fc.constantFrom('origin_while_live' as const, 'compensation' as const),
      waits: fc.constantFrom(0, 0, 600),
    });
    fc.assert(
      fc.property(fc.array(refund, { minLength: 1, maxLength: 12 }), (refunds) => {
        const scope = charged('subscription');
        let left = 2_000_000n;
        for (const [index, { amount, form, waits }] of refunds.entries()) {
          const outcome = scope
            .wait(waits)
            .reverse('hld', { origin: formatCredits(amount) }, { form, ref: `r${index}` });
          expect(outcome.ok).toBe(amount <= left);
          if (outcome.ok) left -= amount;
          else expect(outcome.refusal).toEqual({ code: 'nothing_refundable', refundable: left });
        }
        const back = scope.entries.filter((entry) => entry.from.startsWith('consumed:'));
        expect(back.reduce((sum, entry) => sum + entry.amount, 0n)).toBe(2_000_000n - left);
      }),
      { numRuns: 300 },
    );
  });
});
