// Goal: an upgrade whose money went back is over in the end, and what was paid without it is not. Method: the plans as
// they are shipped, a year or a month of the smaller one paid, and the payment of the larger one taken back.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import type { BookOptions } from '../../../../test/harness/subscription-book.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { SubscriptionSubject } from './subscription.js';

const at = (text: string): Instant => instant(Date.parse(text));
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = at('2027-01-31T09:00:00Z');
const SECOND = at('2027-02-28T09:00:00Z');
const THIRD = at('2027-03-31T09:00:00Z');
const GRACE_OVER = instant(START + 16 * DAY);
const VISITOR: SubscriptionSubject = { kind: 'end_user', accountId: 'acc_1', botId: 'bot_1', visitorId: 'vis_1' };

interface Begun {
  readonly book: SubscriptionBook;
  /** Of the payment for the time in force. */
  readonly key: string;
}

function begun(planId: string, options: Partial<BookOptions> = {}): Begun {
  const book = new SubscriptionBook({ plans: SHIPPED_PLANS, zone: 'UTC', ...options });
  book.change(START, planId);
  return { book, key: book.payments[0]?.key ?? '' };
}

const isReturned = (book: SubscriptionBook, key: string | undefined, when: Instant): void => {
  book.mustAct(when, { type: 'payment_returned', key: key ?? '' });
};

/** In arrears over the upgrade alone: what is paid is the smaller plan. */
function owing(
  options: Partial<BookOptions> = {},
  small = 'plan_standard_annual',
  large = 'plan_premium_annual',
): Begun {
  const { book, key } = begun(small, options);
  book.change(instant(START + DAY), large);
  book.pays = 'by_hand';
  isReturned(book, book.payments[1]?.key, instant(START + 2 * DAY));
  expect([book.state, book.plan?.planId]).toEqual(['past_due', large]);
  return { book, key };
}

const states = ({ book }: Begun): readonly string[] => book.payments.map(({ state }) => state);

/** Under the smaller plan, which is paid for. */
function isAsBefore({ book, key }: Begun): void {
  const { arrears, current } = book.subscription;
  expect([book.state, book.plan?.planId, arrears]).toEqual(['active', 'plan_standard_annual', null]);
  expect(current?.paidBy.map((one) => one.key)).toEqual([key]);
  expect(book.dailyAllowance).toBe(creditsOf('5'));
}

describe('an upgrade whose payment is taken back', () => {
  it('[E21] ends with its grace, and the year that is paid goes on as it was, month by month', () => {
    const year = owing();
    year.book.runUntil(GRACE_OVER);
    isAsBefore(year);
    expect(year.book.told.at(-1)).toEqual({ news: 'plan_changed', since: GRACE_OVER });
    // Neither the page nor the one that was taken back is waited for any more.
    expect(states(year)).toEqual(['paid', 'dropped', 'dropped']);
    year.book.runUntil(instant(THIRD + DAY));
    expect(year.book.table().slice(1)).toEqual([
      '2027-02-28T09:00:00.000Z 300.000000',
      '2027-03-31T09:00:00.000Z 300.000000',
    ]);
    expect(year.book.subscription.current?.billing?.end).toBe(at('2028-01-31T09:00:00Z'));
  });

  it('[E21] brings the month that was held back for it as soon as it ends', () => {
    const policy = { renewAheadMs: HOUR, graceMs: 40 * DAY };
    const { book } = owing({ policy });
    book.runUntil(instant(SECOND + DAY));
    expect([book.state, book.available(instant(SECOND + DAY))]).toEqual(['past_due', 0n]);
    const over = instant(START + 42 * DAY);
    book.runUntil(over);
    expect([book.state, book.available(over)]).toEqual(['active', creditsOf('300')]);
    expect(book.done.findLast((effect) => effect.do === 'grant_lot')).toMatchObject({
      paidBy: book.payments[0]?.key,
      periodStart: SECOND,
      expiresAt: THIRD,
    });
  });

  it('[E21] ends with a cancel: what is paid stays until its end, and then nothing follows', () => {
    const year = owing();
    const lot = year.book.subscription.current?.lot;
    const later = instant(START + 3 * DAY);
    const told = year.book.preview(later, { type: 'cancel' });
    expect([told.takesEffect, told.availableChange, told.nextRenewal?.credits]).toEqual([
      'at_end_of_paid_time',
      0n,
      creditsOf('300'),
    ]);
    year.book.mustAct(later, { type: 'cancel' });
    expect([year.book.state, year.book.plan?.planId, year.book.subscription.current?.lot]).toEqual([
      'cancel_scheduled',
      'plan_standard_annual',
      lot,
    ]);
    expect(states(year)).toEqual(['paid', 'dropped', 'dropped']);
    year.book.mustAct(instant(START + 4 * DAY), { type: 'undo' });
    isAsBefore(year);
    year.book.mustAct(instant(START + 5 * DAY), { type: 'cancel' });
    year.book.runUntil(at('2028-01-31T09:00:00Z'));
    expect([year.book.state, year.book.table().length, year.book.payments.length]).toEqual(['free', 13, 3]);
  });

  it('[E21] ends where the plan before it is asked for again: that is paid for', () => {
    const year = owing();
    const later = instant(START + 3 * DAY);
    expect(year.book.preview(later, { type: 'change', planId: 'plan_standard_annual' })).toMatchObject({
      takesEffect: 'now',
      price: null,
      availableChange: 0n,
      endsPresentPeriod: false,
    });
    year.book.change(later, 'plan_standard_annual');
    isAsBefore(year);
  });

  it('[E21] ends and leaves a visitor the plan that is paid for', () => {
    const visitor = owing({ subject: VISITOR }, 'plan_visitor', 'plan_visitor_plus');
    visitor.book.runUntil(GRACE_OVER);
    expect([visitor.book.state, visitor.book.plan?.planId]).toEqual(['active', 'plan_visitor']);
  });

  it('falls to the plan before the first of those that are owed, and asks for its renewal alone', () => {
    const month = begun('plan_standard');
    month.book.change(instant(START + DAY), 'plan_premium');
    month.book.change(instant(START + 2 * DAY), 'plan_business');
    month.book.pays = 'by_hand';
    const upgrades = month.book.payments.slice(1).map(({ key }) => key);
    for (const key of upgrades.reverse()) isReturned(month.book, key, instant(SECOND - 15 * DAY));
    month.book.runUntil(instant(SECOND - 1));
    expect([month.book.state, month.book.plan?.planId]).toEqual(['active', 'plan_standard']);
    const open = month.book.payments.filter(({ state }) => state === 'open');
    expect(open.map(({ price, plan }) => [price.minor, plan.planId])).toEqual([[2_900n, 'plan_standard']]);
  });

  it('stays owed where an upgrade after it is paid for: what is paid without it is no plan', () => {
    const month = begun('plan_standard');
    month.book.change(instant(START + DAY), 'plan_premium');
    month.book.change(instant(START + 2 * DAY), 'plan_business');
    month.book.pays = 'by_hand';
    const [, first, second] = month.book.payments.map(({ key }) => key);
    isReturned(month.book, first, instant(START + 3 * DAY));
    month.book.runUntil(instant(START + 4 * DAY));
    expect([month.book.state, month.book.plan?.planId]).toEqual(['past_due', 'plan_business']);
    // Nothing that was paid is dropped, and nothing is raised, however the other one ends.
    isReturned(month.book, second, instant(START + 5 * DAY));
    month.book.change(instant(START + 6 * DAY), 'plan_standard');
    expect([month.book.state, month.book.plan?.planId]).toEqual(['active', 'plan_standard']);
    expect(month.book.subscription.current?.paidBy.map(({ key }) => key)).toEqual([month.key]);
  });

  it('[E21] is over once the time alone is paid again, where both were owed for too long', () => {
    const year = owing();
    isReturned(year.book, year.key, instant(START + 3 * DAY));
    year.book.runUntil(GRACE_OVER);
    expect(year.book.state).toBe('suspended');
    year.book.mustAct(instant(GRACE_OVER + DAY), { type: 'payment', key: year.key, paid: true });
    isAsBefore(year);
  });

  it('[edge 72] stays owed where the time itself is owed as well', () => {
    const year = owing();
    isReturned(year.book, year.key, instant(START + 3 * DAY));
    year.book.runUntil(GRACE_OVER);
    expect([year.book.state, year.book.plan?.planId]).toEqual(['suspended', 'plan_premium_annual']);
  });
});
