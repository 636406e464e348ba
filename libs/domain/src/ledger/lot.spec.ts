// Goal: every process draws the same lots in the same order, and a lot pays only while it lives.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { Lot, LotKind } from './lot.js';
import { availableOf, compareDrawOrder, hasLapsed, isLive, LOT_KINDS } from './lot.js';

function lotOf(wish: Partial<Lot>): Lot {
  return {
    id: 'lot_1',
    kind: 'subscription',
    granted: 10n as MicroCredits,
    open: 10n as MicroCredits,
    held: 0n as MicroCredits,
    validFrom: instant(0),
    expiresAt: null,
    grantedUntil: null,
    periodStart: null,
    sourceRef: 'source',
    openedSeq: 1n,
    clawedBack: false,
    lapsed: 0n as MicroCredits,
    ...wish,
  };
}

// Few values each, so that ties in every column are the rule and not the exception.
const anyLot = fc
  .record({
    kind: fc.constantFrom(...LOT_KINDS),
    expiresAt: fc.constantFrom(null, 100, 200),
    openedSeq: fc.bigInt(1n, 3n),
    id: fc.constantFrom('lot_a', 'lot_b', 'lot_c', 'lot_d'),
  })
  .map(({ expiresAt, ...rest }) => lotOf({ ...rest, expiresAt: expiresAt as Instant | null }));

describe('the draw order', () => {
  it('lot.draw-order-total: two lots compare equal only if they are the same, and opposite ways round', () => {
    fc.assert(
      fc.property(anyLot, anyLot, (a, b) => {
        expect(Math.sign(compareDrawOrder(a, b)) + Math.sign(compareDrawOrder(b, a))).toBe(0);
        if (a.id !== b.id) expect(compareDrawOrder(a, b)).not.toBe(0);
      }),
    );
    expect(compareDrawOrder(lotOf({}), lotOf({}))).toBe(0);
  });

  it('lot.draw-order-total: what comes before a lot comes before all that follow it', () => {
    fc.assert(
      fc.property(anyLot, anyLot, anyLot, (a, b, c) => {
        if (compareDrawOrder(a, b) <= 0 && compareDrawOrder(b, c) <= 0) {
          expect(compareDrawOrder(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it('lot.draw-order-total: any shuffle sorts to the same sequence', () => {
    const lots = fc.uniqueArray(anyLot, { selector: (lot) => lot.id, maxLength: 4 });
    const shuffled = lots.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        const ids = (some: readonly Lot[]): string[] => [...some].sort(compareDrawOrder).map((lot) => lot.id);
        expect(ids(other)).toEqual(ids(all));
      }),
    );
  });

  it('[E9] draws daily, then subscription, then bonus, whatever ends first', () => {
    const bonus: LotKind[] = ['bonus_admin', 'bonus_promo', 'bonus_community', 'compensation', 'bundle'];
    for (const kind of bonus) {
      const lots = [
        lotOf({ id: 'bonus', kind, expiresAt: instant(1) }),
        lotOf({ id: 'subscription', kind: 'subscription', expiresAt: instant(50) }),
        lotOf({ id: 'daily', kind: 'daily', expiresAt: instant(90) }),
      ];
      expect(lots.sort(compareDrawOrder).map((lot) => lot.id)).toEqual(['daily', 'subscription', 'bonus']);
    }
  });

  it('[X20] inside bonus draws the soonest end, then what was given before what was bought, then the oldest', () => {
    const lots = [
      lotOf({ id: 'bought-old', kind: 'bundle', openedSeq: 1n }),
      lotOf({ id: 'given-young', kind: 'bonus_promo', openedSeq: 5n }),
      lotOf({ id: 'given-old', kind: 'compensation', openedSeq: 4n }),
      lotOf({ id: 'bought-ending', kind: 'bundle', openedSeq: 6n, expiresAt: instant(300) }),
      lotOf({ id: 'given-ending-sooner', kind: 'bonus_admin', openedSeq: 7n, expiresAt: instant(200) }),
    ];
    expect(lots.sort(compareDrawOrder).map((lot) => lot.id)).toEqual([
      'given-ending-sooner',
      'bought-ending',
      'given-old',
      'given-young',
      'bought-old',
    ]);
  });

  it('draws the period allowance of an end user before bought packs', () => {
    const lots = [
      lotOf({ id: 'pack', kind: 'eu_pack', openedSeq: 1n }),
      lotOf({ id: 'allowance', kind: 'eu_allowance', openedSeq: 2n, expiresAt: instant(900) }),
    ];
    expect(lots.sort(compareDrawOrder).map((lot) => lot.id)).toEqual(['allowance', 'pack']);
  });
});

describe('the life of a lot', () => {
  it('begins at its first instant and is over at its end, not a millisecond later', () => {
    const lot = lotOf({ validFrom: instant(10), expiresAt: instant(20) });
    expect([9, 10, 19, 20].map((at) => isLive(lot, instant(at)))).toEqual([false, true, true, false]);
    expect([19, 20].map((at) => hasLapsed(lot, instant(at)))).toEqual([false, true]);
    expect(isLive(lotOf({ validFrom: instant(10) }), instant(Number.MAX_SAFE_INTEGER))).toBe(true);
  });

  it('[E12] adds up what is open on the lots that live, and nothing else', () => {
    const lots = [
      lotOf({ id: 'a', open: 5n as MicroCredits }),
      lotOf({ id: 'b', open: 7n as MicroCredits, held: 3n as MicroCredits }),
      lotOf({ id: 'ended', open: 100n as MicroCredits, expiresAt: instant(50) }),
      lotOf({ id: 'later', open: 1_000n as MicroCredits, validFrom: instant(60) }),
    ];
    expect(availableOf(lots, instant(50))).toBe(12n);
  });
});
