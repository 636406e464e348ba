// Goal: each period brings its credits once, at its instant, whatever stood still meanwhile.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import type { BookOptions } from '../../../../test/harness/subscription-book.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import type { PlanVersion } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import { seconds } from '../time/period-rule.js';
import { advance, newSubscription } from './advance.js';
import { decisionAt, USUAL_SUBSCRIPTION_POLICY } from './policy.js';
import type { SubscriptionSubject } from './subscription.js';

const at = (text: string): Instant => instant(Date.parse(text));
const HOUR = 3_600_000;
const START = at('2027-01-31T09:00:00Z');
const FIRST = at('2027-02-28T09:00:00Z');
const VISITOR: SubscriptionSubject = { kind: 'end_user', accountId: 'acc_1', botId: 'bot_1', visitorId: 'vis_1' };

function on(planId: string, options: Partial<BookOptions> = {}): SubscriptionBook {
  const book = new SubscriptionBook({ plans: SHIPPED_PLANS, zone: 'UTC', ...options });
  book.change(START, planId);
  return book;
}

describe('a renewal', () => {
  it('[F15] is decided and posted within the hour before its boundary, where nothing has to run', () => {
    const book = on('plan_standard');
    const decided = book.wakeAt ?? START;
    expect(decided).toBeLessThan(FIRST);
    expect(decided).toBeGreaterThanOrEqual(FIRST - HOUR);
    book.runUntil(decided);
    expect(book.lots.at(-1)).toMatchObject({ validFrom: FIRST, endsAt: at('2027-03-31T09:00:00Z') });
    expect(book.available(instant(FIRST - 1))).toBe(creditsOf('300'));
    // No wake since: the worker is gone.
    expect(book.available(FIRST)).toBe(creditsOf('300'));
  });

  /** Of four hundred accounts whose period is this one. */
  const decisions = (end: Instant): readonly Instant[] =>
    Array.from({ length: 400 }, (_, n) =>
      decisionAt(
        { kind: 'account', accountId: `acc_${n}` },
        { from: 0, until: 1, start: START, end },
        USUAL_SUBSCRIPTION_POLICY,
      ),
    );

  it('is decided at a moment of its own for each subject, all over that hour', () => {
    const moments = decisions(FIRST);
    const sixths = moments.map((moment) => Math.floor(((FIRST - 1 - moment) * 6) / HOUR));
    for (const sixth of [0, 1, 2, 3, 4, 5]) expect(sixths.filter((one) => one === sixth).length).toBeGreaterThan(30);
    expect(new Set(sixths).size).toBe(6);
  });

  it('[F15] is decided more than a minute before its boundary, whoever it is of: no worker is needed any more', () => {
    expect(Math.max(...decisions(FIRST))).toBeLessThan(FIRST - 90_000);
    // Of five minutes in their second half, and not in the last twentieth of it.
    const soon = instant(START + 300_000);
    expect(Math.max(...decisions(soon))).toBeLessThan(soon - 7_500);
    expect(Math.min(...decisions(soon))).toBeGreaterThanOrEqual(soon - 150_000);
  });

  /** When four hundred accounts wake next, just before the boundary that all of them have. */
  const wakes = (live: (book: SubscriptionBook) => void, options: Partial<BookOptions> = {}): readonly number[] =>
    Array.from({ length: 400 }, (_, n) => {
      const book = on('plan_standard', { subject: { kind: 'account', accountId: `acc_${n}` }, ...options });
      live(book);
      book.runUntil(instant(FIRST - 1));
      return (book.wakeAt ?? FIRST - 1) - FIRST;
    });

  it('[F15] that is all settled wakes nobody at the boundary: they come to it one by one in the hour behind', () => {
    const behind = wakes(() => undefined);
    expect(Math.min(...behind)).toBeGreaterThan(90_000);
    expect(Math.max(...behind)).toBeLessThanOrEqual(HOUR);
    for (const sixth of [0, 1, 2, 3, 4, 5]) {
      const those = behind.filter((one) => Math.floor((one * 6) / (HOUR + 1)) === sixth);
      expect(those.length).toBeGreaterThan(30);
    }
    // By settings of our own, as long as that is the decision ahead; without any, all at once.
    const minute = { ...USUAL_SUBSCRIPTION_POLICY, renewAheadMs: 60_000 };
    expect(Math.max(...wakes(() => undefined, { policy: minute }))).toBeLessThanOrEqual(60_000);
    const none = { ...USUAL_SUBSCRIPTION_POLICY, renewAheadMs: 0 };
    expect(new Set(wakes(() => undefined, { policy: none }))).toEqual(new Set([0]));
  });

  it('of a period that is no longer than that hour wakes for its next decision alone', () => {
    const minutes = SHIPPED_PLANS.map((plan): PlanVersion =>
      plan.planId === 'plan_free' ? { ...plan, creditPeriod: seconds(300) } : plan,
    );
    const book = new SubscriptionBook({ plans: minutes, zone: 'UTC' });
    book.change(START, 'plan_free');
    const wakesAt: number[] = [];
    while ((book.wakeAt ?? 0) < START + 1_200_000) {
      wakesAt.push((book.wakeAt ?? START) - START);
      book.runUntil(book.wakeAt ?? START);
    }
    // Once in each period, in its second half, and each has its lot by then.
    expect(wakesAt.map((one) => Math.floor(one / 150_000))).toEqual([1, 3, 5, 7]);
    expect(book.lots).toHaveLength(5);
  });

  it('[E21] [edge 38] [edge 40] wakes at the boundary where something is due there that others go by', () => {
    const before = instant(FIRST - 2 * HOUR);
    const newer = SHIPPED_PLANS.filter(({ planId }) => planId === 'plan_standard').map((plan): PlanVersion => ({
      ...plan,
      version: 2,
      effectiveFrom: before,
    }));
    const due: Readonly<Record<string, readonly number[]>> = {
      cancelled: wakes((book) => book.mustAct(before, { type: 'cancel' })),
      otherwise: wakes((book) => book.change(before, 'plan_standard_annual')),
      unpaid: wakes((book) => {
        book.runUntil(before);
        book.pays = 'by_hand';
      }),
      ordered: wakes((book) => {
        book.runUntil(instant(FIRST - 90_000));
        book.pays = 'by_hand';
        book.change(instant(FIRST - 90_000), 'plan_premium');
      }),
      newer: wakes(() => undefined, { plans: [...SHIPPED_PLANS, ...newer] }),
    };
    for (const all of Object.values(due)) expect(new Set(all)).toEqual(new Set([0]));
  });

  it('[F15] is there for whoever asks or wishes something before it has woken', () => {
    const book = on('plan_standard');
    book.runUntil(FIRST);
    expect(book.subscription.current?.period.end).toBe(FIRST);
    const soon = instant(FIRST + 1_000);
    expect(book.preview(soon, { type: 'change', planId: 'plan_premium' }).periodStart).toBe(FIRST);
    book.mustAct(soon, { type: 'change', planId: 'plan_premium', previewedPeriod: FIRST });
    expect([book.subscription.current?.period.start, book.available(soon)]).toEqual([FIRST, creditsOf('1000')]);
  });

  it('[D7] leaves nothing over: the old lot ends where the new one begins', () => {
    const book = on('plan_standard');
    book.spend(START, creditsOf('260'));
    book.runUntil(FIRST);
    expect(book.available(instant(FIRST - 1))).toBe(creditsOf('40'));
    expect(book.available(FIRST)).toBe(creditsOf('300'));
  });

  it('[B12] [B22] of a visitor brings the allowance again and ends what was left of it', () => {
    const book = on('plan_visitor', { subject: VISITOR });
    book.spend(START, creditsOf('7'));
    book.runUntil(FIRST);
    expect([book.available(instant(FIRST - 1)), book.available(FIRST)]).toEqual([creditsOf('3'), creditsOf('10')]);
    book.mustAct(FIRST, { type: 'cancel' });
    book.runUntil(at('2027-04-30T00:00:00Z'));
    expect([book.state, book.plan, book.table().length]).toEqual(['ended', null, 2]);
    book.change(at('2027-05-05T00:00:00Z'), 'plan_visitor_plus');
    expect(book.available(at('2027-05-05T00:00:00Z'))).toBe(creditsOf('40'));
  });

  it('[edge 40] goes to the newest version; until then the one it was renewed with stands', () => {
    const larger = SHIPPED_PLANS.filter(({ planId }) => planId === 'plan_standard').map((plan): PlanVersion => ({
      ...plan,
      version: 2,
      effectiveFrom: at('2027-02-10T00:00:00Z'),
      periodAllowance: creditsOf('400'),
    }));
    const book = on('plan_standard', { plans: [...SHIPPED_PLANS, ...larger] });
    book.runUntil(at('2027-02-20T00:00:00Z'));
    expect([book.plan?.version, book.available(at('2027-02-20T00:00:00Z'))]).toEqual([1, creditsOf('300')]);
    book.runUntil(FIRST);
    expect([book.plan?.version, book.available(FIRST)]).toEqual([2, creditsOf('400')]);
  });

  it('[W10] [edge 3] of a year is paid once and brings its months on the day of the anchor', () => {
    const book = new SubscriptionBook({ plans: SHIPPED_PLANS, zone: 'UTC' });
    book.change(at('2027-11-30T12:00:00Z'), 'plan_standard_annual');
    book.runUntil(at('2028-12-01T00:00:00Z'));
    expect(book.table().map((line) => line.slice(0, 10))).toEqual([
      ...['2027-11-30', '2027-12-30', '2028-01-30', '2028-02-29', '2028-03-30', '2028-04-30', '2028-05-30'],
      ...['2028-06-30', '2028-07-30', '2028-08-30', '2028-09-30', '2028-10-30', '2028-11-30'],
    ]);
    expect(book.payments.map(({ key }) => key.slice(8, 18))).toEqual(['2027-11-30', '2028-11-30']);
  });

  it('of a period of seconds is decided in its second half', () => {
    const short = SHIPPED_PLANS.map((plan) =>
      plan.planId === 'plan_custom' ? { ...plan, creditPeriod: seconds(300), billingPeriod: seconds(300) } : plan,
    );
    const book = on('plan_custom', { plans: short });
    expect(book.wakeAt).toBeGreaterThanOrEqual(START + 150_000 - 1);
    book.runUntil(instant(START + 3_000_000));
    expect(book.lots.map(({ validFrom }) => (validFrom - START) / 300_000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('after a standstill', () => {
  it('[F17] each missed period is booked, in one step, and only the present one can be spent', () => {
    const book = on('plan_standard');
    const back = at('2027-05-10T00:00:00Z');
    book.step(back, { type: 'wake' });
    expect(book.table()).toEqual([
      '2027-01-31T09:00:00.000Z 300.000000',
      '2027-02-28T09:00:00.000Z 300.000000',
      '2027-03-31T09:00:00.000Z 300.000000',
      '2027-05-10T00:00:00.000Z 300.000000',
    ]);
    expect(book.available(back)).toBe(creditsOf('300'));
    // Nobody pays for a month that nobody could use.
    expect(book.payments.map(({ key }) => key.slice(8, 18))).toEqual(['2027-01-31', '2027-05-10']);
    expect(book.wakeAt).toBeGreaterThan(back);
  });

  it('[F17] of a free account nothing is waited for: its lot of today stands at once', () => {
    const book = on('plan_free');
    book.step(at('2027-05-10T00:00:00Z'), { type: 'wake' });
    expect(book.table().map((line) => line.slice(0, 10))).toEqual([
      '2027-01-31',
      '2027-03-02',
      '2027-04-01',
      '2027-05-01',
    ]);
    expect(book.available(at('2027-05-10T00:00:00Z'))).toBe(creditsOf('50'));
  });

  it('in the midst of a paid year its months are booked without another payment', () => {
    const book = on('plan_standard_annual');
    book.step(at('2027-05-10T00:00:00Z'), { type: 'wake' });
    expect(book.table().map((line) => line.slice(0, 10))).toEqual([
      '2027-01-31',
      '2027-02-28',
      '2027-03-31',
      '2027-04-30',
    ]);
    expect(book.payments).toHaveLength(1);
  });

  it('a step that is run twice says the same, keys included', () => {
    const ground = { plans: SHIPPED_PLANS, policy: USUAL_SUBSCRIPTION_POLICY, at: START };
    const fresh = newSubscription({ kind: 'account', accountId: 'acc_1' }, 'UTC');
    const once = (): unknown => advance(fresh, { type: 'change', planId: 'plan_standard' }, ground);
    expect(once()).toEqual(once());
  });
});

describe('the end of everything', () => {
  it('[edge 70] takes back what was posted ahead, drops what is asked, and leaves nothing due', () => {
    const book = on('plan_standard');
    book.runUntil(instant(FIRST - 1));
    book.mustAct(instant(FIRST - 1), { type: 'close' });
    expect([book.state, book.plan, book.wakeAt, book.dailyAllowance]).toEqual(['ended', null, null, 0n]);
    expect(book.lots.map(({ takenBack }) => takenBack)).toEqual([false, true]);
    expect(book.payments.map(({ state }) => state)).toEqual(['paid', 'dropped']);
  });

  it('[edge 70] asks nobody to pay on the way, and leaves what has begun', () => {
    const undecided = on('plan_standard');
    undecided.step(instant(FIRST + HOUR), { type: 'close' });
    expect([undecided.state, undecided.payments.length, undecided.lots.length]).toEqual(['ended', 1, 1]);
    const decided = on('plan_standard');
    decided.runUntil(instant(FIRST - 1));
    decided.step(instant(FIRST + HOUR), { type: 'close' });
    expect([decided.state, decided.lots.map(({ takenBack }) => takenBack)]).toEqual(['ended', [false, false]]);
  });
});
