// Goal: who has not paid is waited for, gets nothing meanwhile, and loses neither anchor nor what was paid late.
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
const FIRST = at('2027-02-28T09:00:00Z');
const VISITOR: SubscriptionSubject = { kind: 'end_user', accountId: 'acc_1', botId: 'bot_1', visitorId: 'vis_1' };

const news = (book: SubscriptionBook): readonly string[] => book.told.map((one) => one.news);

describe('a renewal that is not paid', () => {
  const late = (options: Partial<BookOptions> = {}, plan = 'plan_standard'): SubscriptionBook => {
    const book = new SubscriptionBook({ plans: SHIPPED_PLANS, zone: 'UTC', ...options });
    book.change(START, plan);
    book.pays = 'by_hand';
    book.runUntil(FIRST);
    return book;
  };

  it('[edge 38] brings nothing from its boundary on; three days later the full rest; the anchor stays', () => {
    const book = late();
    expect([book.state, book.available(FIRST), news(book).at(-1)]).toEqual(['past_due', 0n, 'past_due']);
    book.hear(instant(FIRST + DAY), false);
    book.hear(instant(FIRST + 3 * DAY), true);
    expect(book.state).toBe('active');
    expect(book.lots.at(-1)).toMatchObject({
      granted: creditsOf('300'),
      validFrom: FIRST + 3 * DAY,
      periodStart: FIRST,
      endsAt: at('2027-03-31T09:00:00Z'),
    });
    book.pays = 'at_once';
    book.runUntil(at('2027-03-31T09:00:00Z'));
    expect(book.table().at(-1)).toBe('2027-03-31T09:00:00.000Z 300.000000');
  });

  it('suspends an account after its grace, and a payment brings it back', () => {
    const book = late();
    const grace = instant(FIRST + 14 * DAY);
    book.runUntil(grace);
    expect([book.state, book.wakeAt]).toEqual(['suspended', null]);
    book.hear(instant(grace + DAY), true);
    expect([book.state, book.available(instant(grace + DAY))]).toEqual(['active', creditsOf('300')]);
    expect(book.subscription.current?.anchor.at).toBe(START);
  });

  it('that comes after the period it was for begins one that can be used', () => {
    const book = late();
    const may = at('2027-05-10T00:00:00Z');
    book.hear(may, true);
    expect([book.state, book.available(may), book.subscription.current?.anchor.at]).toEqual([
      'active',
      creditsOf('300'),
      may,
    ]);
  });

  it('ends the plan of a visitor after its grace', () => {
    const book = late({ subject: VISITOR }, 'plan_visitor');
    book.runUntil(instant(FIRST + 14 * DAY));
    expect([book.state, book.payments.at(-1)?.state, news(book).at(-1)]).toEqual(['ended', 'dropped', 'ended']);
  });

  it('may be given up for free at once, or for another plan with a period of its own', () => {
    const free = late();
    free.mustAct(instant(FIRST + DAY), { type: 'cancel' });
    expect([free.state, free.available(instant(FIRST + DAY))]).toEqual(['free', creditsOf('50')]);
    expect(free.payments.at(-1)?.state).toBe('dropped');
    const other = late();
    other.hear(FIRST, false);
    other.pays = 'at_once';
    other.change(instant(FIRST + DAY), 'plan_premium');
    expect([other.state, other.available(instant(FIRST + DAY))]).toEqual(['active', creditsOf('1000')]);
    expect(other.payments.map(({ state }) => state)).toEqual(['paid', 'dropped', 'paid']);
  });

  it('is news once: told again, or told to have failed after it was paid, it changes nothing', () => {
    const book = late();
    const key = book.payments.at(-1)?.key ?? '';
    for (const paid of [true, true, false]) {
      book.mustAct(instant(FIRST + DAY), { type: 'payment', key, paid });
      expect([book.state, book.available(instant(FIRST + DAY))]).toEqual(['active', creditsOf('300')]);
    }
    expect(news(book).at(-1)).toBe('paid_after_all');
    const before = instant(at('2027-03-31T09:00:00Z') - 1);
    book.runUntil(before);
    const ahead = book.payments.at(-1)?.key ?? '';
    for (const paid of [true, true, false]) book.mustAct(before, { type: 'payment', key: ahead, paid });
    expect(news(book)).not.toContain('payment_failed');
  });

  it('is settled once: where it is paid after all, the plan that was to take its place is not', () => {
    const book = late();
    book.change(instant(FIRST + DAY), 'plan_premium');
    book.hear(instant(FIRST + 2 * DAY), true);
    expect(book.payments.map(({ state }) => state)).toEqual(['paid', 'paid', 'dropped']);
    expect([book.state, book.plan?.planId, book.subscription.order]).toEqual(['active', 'plan_standard', null]);
  });

  it('is asked for anew at each boundary while it is waited for', () => {
    const book = late({ policy: { renewAheadMs: HOUR, graceMs: 90 * DAY } });
    book.runUntil(at('2027-04-30T09:00:00Z'));
    expect(book.payments.map(({ state }) => state)).toEqual(['paid', 'dropped', 'dropped', 'open']);
    expect([book.state, book.table()]).toEqual(['past_due', ['2027-01-31T09:00:00.000Z 300.000000']]);
    book.hear(at('2027-05-01T09:00:00Z'), true);
    expect(book.available(at('2027-05-01T09:00:00Z'))).toBe(creditsOf('300'));
  });

  it('is waited for from its first boundary on, not anew from each', () => {
    const book = late({ policy: { renewAheadMs: HOUR, graceMs: 45 * DAY } });
    book.runUntil(instant(FIRST + 45 * DAY));
    expect([book.state, book.told.at(-1)]).toEqual(['suspended', { news: 'suspended', since: FIRST + 45 * DAY }]);
  });

  it('brings nothing for what passed in a standstill either', () => {
    const book = late({ policy: { renewAheadMs: HOUR, graceMs: 400 * DAY } });
    book.step(at('2027-07-10T00:00:00Z'), { type: 'wake' });
    expect([book.state, book.table()]).toEqual(['past_due', ['2027-01-31T09:00:00.000Z 300.000000']]);
    book.hear(at('2027-07-10T00:00:00Z'), true);
    expect(book.table().slice(1)).toEqual(['2027-07-10T00:00:00.000Z 300.000000']);
  });

  it('of a year holds back its months, and brings the present one when it is paid', () => {
    const book = late({ policy: { renewAheadMs: HOUR, graceMs: 90 * DAY } }, 'plan_standard_annual');
    book.runUntil(at('2028-01-31T09:00:00Z'));
    expect(book.state).toBe('past_due');
    book.runUntil(at('2028-03-10T00:00:00Z'));
    book.hear(at('2028-03-10T00:00:00Z'), true);
    expect(book.table().slice(12)).toEqual(['2028-03-10T00:00:00.000Z 300.000000']);
    book.runUntil(at('2028-03-31T09:00:00Z'));
    expect(book.table().slice(13)).toEqual(['2028-03-31T09:00:00.000Z 300.000000']);
  });
});
