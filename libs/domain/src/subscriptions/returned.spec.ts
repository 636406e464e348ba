// Goal: money that went back stops what it was for, and nothing else; paid again or won back, the time goes on where it
// is by then.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
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
const VISITOR: SubscriptionSubject = { kind: 'end_user', accountId: 'acc_1', botId: 'bot_1', visitorId: 'vis_1' };

interface Paid {
  readonly book: SubscriptionBook;
  /** Of the time in force. */
  readonly key: string;
}

function paid(plan: string, subject: SubscriptionSubject = { kind: 'account', accountId: 'acc_1' }): Paid {
  const book = new SubscriptionBook({ plans: SHIPPED_PLANS, zone: 'UTC', subject });
  book.change(START, plan);
  book.pays = 'by_hand';
  return { book, key: book.payments[0]?.key ?? '' };
}

const returned = ({ book, key }: Paid, when: Instant): void => {
  book.mustAct(when, { type: 'payment_returned', key });
};
const hears = ({ book, key }: Paid, when: Instant): void => {
  book.mustAct(when, { type: 'payment', key, paid: true });
};
const standing = ({ book }: Paid): readonly unknown[] => [book.state, book.told.at(-1)?.news, book.subscription.ahead];

describe('a payment that is taken back', () => {
  it('[edge 72] of a year stops the months to come, and is asked for once more, on a page', () => {
    const year = paid('plan_standard_annual');
    returned(year, instant(START + 10 * DAY));
    expect(standing(year)).toEqual(['past_due', 'past_due', null]);
    expect(year.book.payments.at(-1)).toMatchObject({ price: year.book.payments[0]?.price, state: 'open' });
    expect(year.book.done.findLast((effect) => effect.do === 'ask_payment')).toMatchObject({
      why: 'again',
      replaces: year.key,
    });
    year.book.runUntil(THIRD);
    expect([year.book.state, year.book.table()]).toEqual(['suspended', ['2027-01-31T09:00:00.000Z 300.000000']]);
  });

  it('[edge 72] takes along the month that was posted ahead, and nothing of it is decided paid again', () => {
    const year = paid('plan_standard_annual');
    const before = instant(SECOND - 1);
    year.book.runUntil(before);
    expect(year.book.lots.at(-1)).toMatchObject({ validFrom: SECOND, takenBack: false });
    returned(year, before);
    expect(year.book.lots.at(-1)).toMatchObject({ validFrom: SECOND, takenBack: true });
    year.book.runUntil(instant(SECOND + DAY));
    expect([year.book.state, year.book.table()]).toEqual(['past_due', ['2027-01-31T09:00:00.000Z 300.000000']]);
  });

  it.each(['won', 'paid again'] as const)('[edge 72] goes on with the months once it is %s', (how) => {
    const year = paid('plan_standard_annual');
    returned(year, instant(START + 10 * DAY));
    const late = instant(THIRD + DAY);
    if (how === 'won') hears(year, late);
    else year.book.hear(late, true);
    expect([year.book.state, year.book.subscription.arrears]).toEqual(['active', null]);
    // What was missed is booked, and only the present month can be used.
    expect(year.book.available(late)).toBe(creditsOf('300'));
    expect(year.book.table()).toEqual([
      '2027-01-31T09:00:00.000Z 300.000000',
      '2027-02-28T09:00:00.000Z 300.000000',
      '2027-03-31T09:00:00.000Z 300.000000',
    ]);
    const states = year.book.payments.map(({ state }) => state);
    expect(states).toEqual(how === 'won' ? ['paid', 'dropped'] : ['dropped', 'paid']);
    year.book.runUntil(at('2027-04-30T09:00:00Z'));
    expect(year.book.table()).toHaveLength(4);
  });

  it.each(['won', 'paid again'] as const)(
    '[edge 72] gives the month that began meanwhile its credits once it is %s',
    (how) => {
      const year = paid('plan_standard_annual');
      returned(year, instant(SECOND - 3 * DAY));
      const late = instant(SECOND + DAY);
      year.book.runUntil(late);
      expect([year.book.state, year.book.available(late)]).toEqual(['past_due', 0n]);
      if (how === 'won') hears(year, late);
      else year.book.hear(late, true);
      expect([year.book.state, year.book.available(late)]).toEqual(['active', creditsOf('300')]);
      const { paidBy, isWithheld } = year.book.subscription.current ?? {};
      const key = how === 'won' ? year.key : year.book.payments.at(-1)?.key;
      expect([paidBy?.map((one) => one.key), isWithheld]).toEqual([[key], false]);
      expect(year.book.done.findLast((effect) => effect.do === 'grant_lot')).toMatchObject({
        paidBy: key,
        validFrom: late,
        periodStart: SECOND,
        expiresAt: THIRD,
      });
      year.book.runUntil(instant(THIRD + DAY));
      expect(year.book.table()).toHaveLength(3);
    },
  );

  it('[edge 72] doubles nothing where it is won within the same month', () => {
    const year = paid('plan_standard_annual');
    returned(year, instant(START + DAY));
    hears(year, instant(START + 2 * DAY));
    expect([year.book.state, year.book.table()]).toEqual(['active', ['2027-01-31T09:00:00.000Z 300.000000']]);
  });

  it('[edge 72] takes along a plan that was ordered meanwhile: the time goes on as it was paid', () => {
    const year = paid('plan_standard_annual');
    returned(year, instant(START + DAY));
    year.book.change(instant(START + 2 * DAY), 'plan_premium');
    expect(year.book.subscription.order).not.toBeNull();
    hears(year, instant(START + 3 * DAY));
    expect([year.book.state, year.book.subscription.order, year.book.payments.at(-1)?.state]).toEqual([
      'active',
      null,
      'dropped',
    ]);
    expect(year.book.told.map(({ news }) => news).slice(-2)).toEqual(['order_lapsed', 'paid_after_all']);
  });

  it('[edge 72] of a month is owed until the next one is paid, and asked for once at a time', () => {
    const month = paid('plan_standard');
    returned(month, instant(SECOND - DAY));
    month.book.runUntil(SECOND);
    const [, again, next] = month.book.payments;
    expect([month.book.state, again?.state, next?.state]).toEqual(['past_due', 'dropped', 'open']);
    month.book.hear(instant(SECOND + DAY), true);
    expect([month.book.state, month.book.available(instant(SECOND + DAY))]).toEqual(['active', creditsOf('300')]);
    expect(month.book.subscription.current?.anchor.at).toBe(START);
  });

  it('[edge 72] ends the plan of a visitor after the grace', () => {
    const visitor = paid('plan_visitor', VISITOR);
    returned(visitor, instant(START + DAY));
    expect(visitor.book.state).toBe('past_due');
    visitor.book.runUntil(instant(START + 15 * DAY));
    expect([visitor.book.state, visitor.book.payments.at(-1)?.state]).toEqual(['ended', 'dropped']);
  });

  it('of a renewal that has not begun goes to whoever paid, should it come again', () => {
    const month = paid('plan_standard');
    month.book.pays = 'at_once';
    const before = instant(SECOND - 1);
    month.book.runUntil(before);
    month.book.pays = 'by_hand';
    const ahead = month.book.payments[1]?.key ?? '';
    month.book.mustAct(before, { type: 'payment_returned', key: ahead });
    expect(month.book.lots.at(-1)).toMatchObject({ validFrom: SECOND, takenBack: true });
    expect(month.book.payments.map(({ state }) => state)).toEqual(['paid', 'dropped', 'open']);
    month.book.runUntil(SECOND);
    expect(month.book.state).toBe('past_due');
  });

  it('of an upgrade leaves the credits of its time, and waits to be paid', () => {
    const year = paid('plan_standard_annual');
    year.book.pays = 'at_once';
    year.book.change(instant(START + DAY), 'plan_premium_annual');
    year.book.pays = 'by_hand';
    const key = year.book.payments[1]?.key ?? '';
    const lot = year.book.subscription.current?.lot;
    returned({ ...year, key }, instant(START + 2 * DAY));
    expect([year.book.state, year.book.subscription.current?.lot]).toEqual(['past_due', lot]);
    hears({ ...year, key }, instant(START + 3 * DAY));
    expect([year.book.state, year.book.payments.map(({ state }) => state)]).toEqual([
      'active',
      ['paid', 'paid', 'dropped'],
    ]);
    expect(year.book.subscription.current?.paidBy.map((one) => one.key)).toEqual([year.key, key]);
  });

  it('twice within one time is owed twice, one after the other', () => {
    const year = paid('plan_standard_annual');
    year.book.pays = 'at_once';
    year.book.change(instant(START + DAY), 'plan_premium_annual');
    year.book.pays = 'by_hand';
    returned(year, instant(START + 2 * DAY));
    returned({ ...year, key: year.book.payments[1]?.key ?? '' }, instant(START + 3 * DAY));
    year.book.hear(instant(START + 4 * DAY), true);
    expect([year.book.state, year.book.payments.map(({ state }) => state)]).toEqual([
      'past_due',
      ['dropped', 'paid', 'paid', 'open'],
    ]);
    year.book.hear(instant(START + 5 * DAY), true);
    expect(year.book.state).toBe('active');
  });

  it('is no news where nothing stands by it any more, or it never stood as paid', () => {
    const month = paid('plan_standard');
    month.book.runUntil(SECOND);
    month.book.hear(instant(SECOND + DAY), true);
    const before = month.book.subscription;
    returned(month, instant(SECOND + 2 * DAY));
    returned({ ...month, key: 'of nobody' }, instant(SECOND + 2 * DAY));
    expect(month.book.subscription).toEqual(before);
    month.book.change(instant(SECOND + 3 * DAY), 'plan_premium');
    returned({ ...month, key: month.book.payments.at(-1)?.key ?? '' }, instant(SECOND + 3 * DAY));
    expect([month.book.state, month.book.subscription.order, month.book.told.at(-1)?.news]).toEqual([
      'active',
      null,
      'payment_failed',
    ]);
  });
});
