// Goal: a bundle is suggested where it helps, and a plan where it costs less. Method: each threshold from both sides,
// and every shipped plan beside every bundle.
import { describe, expect, it } from '@jest/globals';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import { credits, microCredits } from '../amounts/micro-credits.js';
import { instant } from '../time/instant.js';
import type { CreditsPace } from './bundle-hints.js';
import { bundleHints, nextTier, upgradeCheaper } from './bundle-hints.js';

const DAY = 86_400_000;
const START = instant(Date.UTC(2027, 0, 1));
const END = instant(START + 30 * DAY);

const pace = (wish: Partial<CreditsPace> & { readonly day: number; readonly left: bigint }): CreditsPace => ({
  now: instant(START + wish.day * DAY),
  available: credits(wish.left),
  period: { start: START, end: END, granted: credits(100n), left: credits(wish.left) },
  lastDay: credits(0n),
  before: { spent: credits(0n), days: 7 },
  ...wish,
});
const codes = (of: CreditsPace): readonly string[] => bundleHints(of).map(({ code }) => code);

describe('a bundle', () => {
  it('[E16] is suggested in the last quarter of a period of which a fifth is left, and not before', () => {
    expect(codes(pace({ day: 22.5, left: 20n }))).toEqual(['bundle_before_renewal']);
    expect(codes(pace({ day: 22.4, left: 20n }))).toEqual([]);
    expect(codes(pace({ day: 29, left: 21n }))).toEqual([]);
    expect(codes(pace({ day: 29, left: 0n, period: null }))).toEqual([]);
  });

  it('[E16] is suggested where a day takes three times an average one, and credits end before the period', () => {
    const before = { spent: credits(14n), days: 7 };
    const spike = { day: 10, left: 60n, before };
    expect(bundleHints(pace({ ...spike, lastDay: credits(6n) }))).toEqual([
      { code: 'bundle_for_spike', measure: 'last_day_percent_of_average', figure: 300, from: 300 },
    ]);
    expect(codes(pace({ ...spike, lastDay: microCredits(5_999_999n) }))).toEqual([]);
    // At six a day, 120 last for the twenty days to come.
    expect(codes(pace({ ...spike, left: 120n, lastDay: credits(6n) }))).toEqual([]);
    expect(codes(pace({ ...spike, lastDay: credits(6n), before: { spent: credits(0n), days: 7 } }))).toEqual([]);
  });
});

describe('the next tier', () => {
  const BUNDLES = [
    { credits: credits(100n), price: { minor: 1_200n, currency: 'eur' } },
    { credits: credits(500n), price: { minor: 5_500n, currency: 'eur' } },
    { credits: credits(2_000n), price: { minor: 20_000n, currency: 'eur' } },
  ] as const;
  const plan = (id: string) => SHIPPED_PLANS.find(({ planId }) => planId === id);

  it('[E44] is told with what a credit costs in it and in the bundle, wherever that is less', () => {
    const told = ['plan_free', 'plan_standard', 'plan_premium', 'plan_standard_annual'].map((id) => {
      const cheaper = upgradeCheaper(BUNDLES[0], plan(id), SHIPPED_PLANS);
      return [id, cheaper?.planId, cheaper?.bundle.microMinor, cheaper?.plan.microMinor];
    });
    expect(told).toEqual([
      ['plan_free', 'plan_standard', 12_000_000n, 9_666_666n],
      ['plan_standard', 'plan_premium', 12_000_000n, 8_900_000n],
      ['plan_premium', 'plan_business', 12_000_000n, 8_450_000n],
      ['plan_standard_annual', 'plan_premium_annual', 12_000_000n, 7_416_666n],
    ]);
  });

  it('[E44] is never told on the top tier, of a plan by agreement, or where it costs as much', () => {
    for (const bundle of BUNDLES) {
      for (const id of ['plan_business', 'plan_business_annual', 'plan_custom', 'plan_none']) {
        expect([id, upgradeCheaper(bundle, plan(id), SHIPPED_PLANS)]).toEqual([id, null]);
      }
    }
    const asCheap = { credits: credits(300n), price: { minor: 2_900n, currency: 'eur' } };
    expect(upgradeCheaper(asCheap, plan('plan_free'), SHIPPED_PLANS)).toBeNull();
    const otherCoin = { credits: credits(100n), price: { minor: 1_200n, currency: 'usd' } };
    expect(upgradeCheaper(otherCoin, plan('plan_free'), SHIPPED_PLANS)).toBeNull();
  });

  it('is there for every plan but those of the top tier and those by agreement', () => {
    const without = SHIPPED_PLANS.filter((one) => nextTier(one, SHIPPED_PLANS) === undefined);
    expect(without.map(({ planId }) => planId).sort()).toEqual([
      'plan_business',
      'plan_business_annual',
      'plan_custom',
      'plan_visitor_plus',
    ]);
  });
});
