// Goal: whatever the plans and the instant, whoever upgrades has no less afterwards, two upgrades at once come to one,
// and no order of wishes, payments and standstills gives a period a second lot or leaves one without its end.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { creditsOf, planVersionFor } from '../../../../test/harness/orders.js';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import type { BookOptions } from '../../../../test/harness/subscription-book.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import { playMove, subscriptionMoves } from '../../../../test/harness/subscription-walks.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { microCredits } from '../amounts/micro-credits.js';
import { wrongWithPlans } from '../plans/check-plans.js';
import type { PlanVersion } from '../plans/plan-version.js';
import { instant } from '../time/instant.js';
import { ANNUAL, days, MONTHLY } from '../time/period-rule.js';
import { USUAL_SUBSCRIPTION_POLICY } from './policy.js';

const START = Date.UTC(2027, 0, 31, 9, 30);
const DAY = 86_400_000;
const TENTH = creditsOf('0.1');

const tiers = (amounts: readonly bigint[]): readonly PlanVersion[] =>
  [...amounts]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((amount, tier) =>
      planVersionFor(
        { id: `tier_${tier}`, name: `tier ${tier}` },
        {
          tier,
          custom: false,
          periodAllowance: microCredits(amount),
          creditPeriod: tier === 0 ? days(30) : MONTHLY,
          billingPeriod: tier === 0 ? null : tier % 2 === 0 ? ANNUAL : MONTHLY,
          price: tier === 0 ? null : { minor: BigInt(tier) * 1_000n, currency: 'eur' },
        },
      ),
    );

const families = fc.oneof(
  fc.constant(SHIPPED_PLANS.filter(({ scope, custom }) => scope === 'account' && !custom)),
  fc.uniqueArray(fc.bigInt(0n, 10n ** 13n), { minLength: 3, maxLength: 5 }).map(tiers),
);
/** In the first ten weeks, to the millisecond; the last instants of a period among them. */
const instants = fc.oneof(
  fc.integer({ min: 0, max: 70 * DAY }).map((later) => instant(START + later)),
  fc.constantFrom(28 * DAY - 1, 28 * DAY, 30 * DAY - 1, 30 * DAY).map((later) => instant(START + later)),
);

interface Upgrade {
  readonly plans: readonly PlanVersion[];
  readonly from: PlanVersion;
  readonly to: PlanVersion;
}

const pairs = families.chain((plans) =>
  fc
    .tuple(fc.constantFrom(...plans), fc.constantFrom(...plans))
    .filter(([from, to]) => from.tier < to.tier)
    .map(([from, to]): Upgrade => ({ plans, from, to })),
);

function begun(
  plans: readonly PlanVersion[],
  planId: string,
  options: Pick<BookOptions, 'policy' | 'wakes'> = {},
): SubscriptionBook {
  const book = new SubscriptionBook({ plans, zone: 'Europe/Berlin', ...options });
  book.change(instant(START), planId);
  return book;
}

const thousandths = fc.nat(1_000);
const partOf = (amount: MicroCredits, share: number): MicroCredits => microCredits((amount * BigInt(share)) / 1_000n);
const apart = (a: MicroCredits, b: MicroCredits): bigint => (a > b ? a - b : b - a);

describe('an upgrade', () => {
  it('[E20] never lowers what is available, over all pairs of plans and instants', () => {
    fc.assert(
      fc.property(pairs, instants, thousandths, ({ plans, from, to }, at, share) => {
        expect(wrongWithPlans(plans)).toBeNull();
        const book = begun(plans, from.planId);
        book.runUntil(at);
        const spent = partOf(book.available(at), share);
        if (spent > 0n) book.spend(at, spent);
        const [before, dayBefore] = [book.available(at), book.dailyAllowance];
        book.change(at, to.planId);
        expect(book.available(at)).toBeGreaterThanOrEqual(before);
        expect(book.dailyAllowance).toBeGreaterThanOrEqual(dayBefore);
        expect(book.plan?.planId).toBe(to.planId);
      }),
      { numRuns: 500 },
    );
  });

  it('[W7] [edge 33] in two steps at one instant is one direct upgrade, within a tenth for each step', () => {
    fc.assert(
      fc.property(pairs, instants, fc.nat(), ({ plans, from, to }, at, nth) => {
        const between = plans.filter(({ tier }) => tier > from.tier && tier < to.tier);
        const middle = between[nth % Math.max(between.length, 1)];
        fc.pre(middle !== undefined && from.tier > 0);
        const [direct, inSteps] = [begun(plans, from.planId), begun(plans, from.planId)];
        direct.change(at, to.planId);
        inSteps.change(at, middle?.planId ?? '');
        inSteps.change(at, to.planId);
        expect(apart(direct.available(at), inSteps.available(at))).toBeLessThanOrEqual(2n * TENTH);
      }),
      { numRuns: 300 },
    );
  });

  it('[E18] changes what is available by exactly what its preview has told, and renews as it has told', () => {
    const shares = fc.tuple(thousandths, thousandths);
    fc.assert(
      fc.property(pairs, instants, shares, ({ plans, from, to }, at, [ofPeriod, ofDay]) => {
        const book = begun(plans, from.planId);
        book.runUntil(at);
        const spent = partOf(book.available(at), ofPeriod);
        if (spent > 0n) book.spend(at, spent);
        book.spendToday(at, partOf(book.availableToday(at), ofDay));
        const event = { type: 'change', planId: to.planId } as const;
        const told = book.preview(at, event);
        const [before, today] = [book.available(at), book.availableToday(at)];
        book.mustAct(at, { ...event, previewedPeriod: told.periodStart });
        const [after, todayAfter] = [book.available(at), book.availableToday(at)];
        expect([after - before, todayAfter - today]).toEqual([told.credits - told.endsCredits, told.dailyCredits]);
        expect(told.availableChange).toBe(after + todayAfter - before - today);
        expect(told.endsCredits).toBe(told.endsPresentPeriod ? before : 0n);
        const { nextRenewal } = told;
        expect(nextRenewal).not.toBeNull();
        if (nextRenewal === null) return;
        book.runUntil(nextRenewal.at);
        expect(book.available(nextRenewal.at)).toBe(nextRenewal.credits);
        expect(book.plan).toEqual(nextRenewal.plan);
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever happens', () => {
  it('[F15] [F16] each period has one lot at most, and something is due unless it is suspended', () => {
    fc.assert(
      fc.property(fc.array(subscriptionMoves, { maxLength: 25 }), fc.boolean(), (played, byHand) => {
        const book = begun(SHIPPED_PLANS, 'plan_free');
        book.pays = byHand ? 'by_hand' : 'at_once';
        let at = instant(START);
        for (const move of played) {
          at = instant(at + move.after);
          playMove(book, at, move);
          expect(book.subscription.current).not.toBeNull();
          expect(book.wakeAt === null).toBe(book.state === 'suspended');
          expect(book.payments.filter(({ state }) => state === 'open').length).toBeLessThanOrEqual(2);
          expect(JSON.stringify(book.subscription, bigintText).length).toBeLessThan(2_500);
        }
        if (!byHand) expect(['free', 'active', 'cancel_scheduled', 'past_due']).toContain(book.state);
      }),
      { numRuns: 500 },
    );
  });
});

describe('whoever wakes behind a boundary', () => {
  /** Where it is long, much of what happens comes between a boundary and the wake behind it. */
  const ahead = fc.constantFrom(USUAL_SUBSCRIPTION_POLICY.renewAheadMs, DAY, 10 * DAY, 40 * DAY);

  it('[F15] [F16] has done the same, to the lot, the payment and the word, as whoever wakes at it', () => {
    fc.assert(
      fc.property(
        fc.array(subscriptionMoves, { maxLength: 25 }),
        ahead,
        fc.boolean(),
        (played, renewAheadMs, byHand) => {
          const policy = { ...USUAL_SUBSCRIPTION_POLICY, renewAheadMs };
          const [late, onTime] = (['as_asked', 'at_each_boundary'] as const).map((wakes) => {
            const book = begun(SHIPPED_PLANS, 'plan_free', { policy, wakes });
            book.pays = byHand ? 'by_hand' : 'at_once';
            let at = instant(START);
            for (const move of played) {
              at = instant(at + move.after);
              playMove(book, at, move);
            }
            book.step(at, { type: 'wake' });
            const { done, subscription, wakeAt, lots, payments } = book;
            return { done, subscription, wakeAt, lots, payments };
          });
          expect(late).toEqual(onTime);
        },
      ),
      { numRuns: 250 },
    );
  });
});

const bigintText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
