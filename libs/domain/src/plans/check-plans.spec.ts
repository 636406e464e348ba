// Goal: no set of plans is published under which an upgrade could take something away or nobody could say what is due.
import { describe, expect, it } from '@jest/globals';
import { planVersionFor } from '../../../../test/harness/orders.js';
import { credits } from '../amounts/micro-credits.js';
import { instant } from '../time/instant.js';
import { ANNUAL, days, MONTHLY } from '../time/period-rule.js';
import { wrongWithPlans } from './check-plans.js';
import type { PlanTerms, PlanVersion } from './plan-version.js';
import { plansInForce, versionInForce } from './plan-version.js';

const plan = (id: string, terms: Partial<PlanTerms>): PlanVersion =>
  planVersionFor({ id, name: id }, { custom: false, ...terms });
const free = plan('free', { creditPeriod: days(30), periodAllowance: credits(50n), dailyAllowance: credits(2n) });
const paid = (tier: number, amount: bigint, wish: Partial<PlanTerms> = {}): PlanVersion =>
  plan(`tier_${tier}`, {
    tier,
    periodAllowance: credits(amount),
    dailyAllowance: credits(5n),
    billingPeriod: MONTHLY,
    price: { minor: 100n * amount, currency: 'eur' },
    ...wish,
  });

describe('plans that fit', () => {
  it('are those where each tier brings no less than the ones below it', () => {
    expect(wrongWithPlans([free, paid(1, 300n), paid(2, 300n)])).toBeNull();
  });

  it('leave custom ones out of that order', () => {
    const agreed = plan('agreed', { custom: true, creditPeriod: ANNUAL, billingPeriod: ANNUAL });
    expect(wrongWithPlans([free, paid(1, 300n), agreed])).toBeNull();
  });

  it('may change by a later version', () => {
    const later = paid(1, 400n, { version: 2, effectiveFrom: instant(1_000) });
    const plans = [free, paid(1, 300n), later];
    expect(wrongWithPlans(plans)).toBeNull();
    expect(versionInForce(plans, 'tier_1', instant(999))?.version).toBe(1);
    expect(versionInForce(plans, 'tier_1', instant(1_000))?.version).toBe(2);
    expect(plansInForce(plans, instant(1_000))).toEqual([free, later]);
    expect(versionInForce(plans, 'tier_9', instant(1_000))).toBeUndefined();
  });
});

describe('plans that are refused', () => {
  const second = paid(1, 300n, { version: 2, effectiveFrom: instant(1_000) });
  const cases: readonly [string, readonly PlanTerms[], string][] = [
    ['a higher tier gives less', [paid(1, 300n), paid(2, 299n)], 'tier_2 version 1 has a smaller period allowance'],
    ['it gives less a day', [paid(1, 1n), paid(2, 9n, { dailyAllowance: credits(1n) })], 'smaller daily allowance'],
    ['it gives less once a version counts', [paid(1, 9n), paid(2, 9n), { ...second }], 'has a smaller'],
    ['free is asked a price', [{ ...free, price: { minor: 1n, currency: 'eur' } }], 'tier 0 costs nothing'],
    ['two are free', [free, { ...free, planId: 'gratis' }], 'tier 0 is one plan'],
    ['visitors have a free one', [{ ...free, scope: 'end_user' }], 'tier 0 is for accounts'],
    ['a paid one costs nothing', [paid(1, 9n, { price: null })], 'has a price and a billing period'],
    ['a custom one is never billed', [{ ...free, custom: true }], 'only tier 0 is not billed'],
    ['a paid one counts in days', [paid(1, 9n, { creditPeriod: days(30) })], 'credits come by the month'],
    ['it is paid more often than it grants', [{ ...free, custom: true, billingPeriod: MONTHLY }], 'does not fit'],
    ['visitors have days', [paid(1, 9n, { scope: 'end_user' })], 'no daily credits and no team'],
    ['a version is there twice', [paid(1, 9n), paid(1, 9n)], 'is there twice'],
    ['one is missing', [paid(1, 9n, { version: 2 })], 'the first version of a plan is 1'],
    ['one in between is missing', [paid(1, 9n), paid(1, 9n, { version: 3 })], 'version 2 is missing'],
    ['one begins no later', [paid(1, 9n), paid(1, 9n, { version: 2 })], 'takes effect no later'],
    ['one changes its kind', [paid(1, 300n), { ...second, custom: true }], 'scope, custom and credit period stay'],
    [
      'prices are in two currencies',
      [paid(1, 9n), paid(2, 9n, { price: { minor: 1n, currency: 'usd' } })],
      'several currencies: eur, usd',
    ],
  ];

  it.each(cases)('say why: %s', (_why, plans, message) => {
    expect(wrongWithPlans(plans)).toContain(message);
  });
});
