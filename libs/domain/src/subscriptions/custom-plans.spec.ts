// Goal: what was agreed with one account comes with the renewal of what is paid, in the amounts and for the time that
// were agreed. Method: the custom plan as it is shipped, with figures of its own.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';

const at = (text: string): Instant => instant(Date.parse(text));

describe('a custom plan', () => {
  it('[X10] [E22] of a year in one lot comes with the renewal of a month, and then once a year, as it is paid', () => {
    const yearly = SHIPPED_PLANS.map((plan) =>
      plan.planId === 'plan_custom' ? { ...plan, price: { minor: 3_000_000n, currency: 'eur' } } : plan,
    );
    const book = new SubscriptionBook({ plans: yearly, zone: 'UTC' });
    book.change(at('2027-01-31T09:00:00Z'), 'plan_standard');
    book.change(at('2027-02-10T00:00:00Z'), 'plan_custom');
    expect(book.available(at('2027-02-10T00:00:00Z'))).toBe(creditsOf('300'));
    book.runUntil(at('2029-03-01T00:00:00Z'));
    expect(book.lots.map(({ validFrom, granted, endsAt }) => [validFrom, granted, endsAt])).toEqual([
      [at('2027-01-31T09:00:00Z'), creditsOf('300'), at('2027-02-28T09:00:00Z')],
      // Counted in months from the 31st: the day of a leap year's February, and back again.
      [at('2027-02-28T09:00:00Z'), creditsOf('60000'), at('2028-02-29T09:00:00Z')],
      [at('2028-02-29T09:00:00Z'), creditsOf('60000'), at('2029-02-28T09:00:00Z')],
      [at('2029-02-28T09:00:00Z'), creditsOf('60000'), at('2030-02-28T09:00:00Z')],
    ]);
    expect(book.payments.map(({ price, key, state }) => [price.minor, key.slice(8, 18), state])).toEqual([
      [2_900n, '2027-01-31', 'paid'],
      [3_000_000n, '2027-02-28', 'paid'],
      [3_000_000n, '2028-02-29', 'paid'],
      [3_000_000n, '2029-02-28', 'paid'],
    ]);
    const { period, billing } = book.subscription.current ?? {};
    expect([period?.end, billing?.end]).toEqual([at('2030-02-28T09:00:00Z'), at('2030-02-28T09:00:00Z')]);
  });

  it('[E22] [edge 41] comes with a renewal: what was spent before does not count against it', () => {
    const small = SHIPPED_PLANS.map((plan) =>
      plan.planId === 'plan_custom'
        ? { ...plan, creditPeriod: { every: 'month' as const }, periodAllowance: creditsOf('100') }
        : plan,
    );
    const book = new SubscriptionBook({ plans: small, zone: 'UTC' });
    book.change(at('2027-06-01T00:00:00Z'), 'plan_premium');
    const later = at('2027-06-11T00:00:00Z');
    book.spend(later, creditsOf('700'));
    book.change(later, 'plan_custom');
    expect(book.available(later)).toBe(creditsOf('300'));
    const july = at('2027-07-01T00:00:00Z');
    book.runUntil(july);
    expect(book.available(july)).toBe(creditsOf('100'));
  });
});
