// Goal: three years of one account come out right to the lot: started on a 31st, in a zone with two changes of clocks
// a year, upgraded, downgraded, undone, once not paid in time. Method: every lot by date and amount, by hand.
import { describe, expect, it } from '@jest/globals';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';

const at = (text: string): Instant => instant(Date.parse(text));

/** What is asked, and by whom it is paid; wakes are the book's own. */
function live(book: SubscriptionBook): void {
  book.change(at('2027-01-31T08:30:00Z'), 'plan_standard');
  // 21 of the 31 days from 30 April to 31 May are left: 700 x 21 / 31 = 474.19, so 474.2; 60.00 x 21 / 31 = 40.65.
  book.change(at('2027-05-10T07:30:00Z'), 'plan_premium');
  // A wish to go down, taken back before it counts; then another that stands.
  book.change(at('2027-09-02T10:00:00Z'), 'plan_standard');
  book.mustAct(at('2027-09-20T10:00:00Z'), { type: 'undo' });
  book.change(at('2028-01-15T10:00:00Z'), 'plan_standard');
  book.mustAct(at('2028-02-01T10:00:00Z'), { type: 'zone', zone: 'Asia/Tokyo' });
  // The renewal of 31 August is refused, tried once more in vain, and paid three days late.
  book.runUntil(at('2028-08-20T00:00:00Z'));
  book.pays = 'by_hand';
  book.runUntil(at('2028-08-31T07:30:00Z'));
  book.hear(at('2028-09-01T12:00:00Z'), false);
  book.hear(at('2028-09-03T07:30:00Z'), true);
  book.pays = 'at_once';
  book.mustAct(at('2029-11-15T00:00:00Z'), { type: 'cancel' });
  book.runUntil(at('2030-01-31T09:00:00Z'));
}

/** 09:30 on the clocks of Berlin: half past eight of UTC in winter, half past seven in summer. */
const LOTS = [
  ['2027-01-31T08:30', '300.000000'],
  ['2027-02-28T08:30', '300.000000'],
  ['2027-03-31T07:30', '300.000000'],
  ['2027-04-30T07:30', '774.200000'],
  ['2027-05-31T07:30', '1000.000000'],
  ['2027-06-30T07:30', '1000.000000'],
  ['2027-07-31T07:30', '1000.000000'],
  ['2027-08-31T07:30', '1000.000000'],
  ['2027-09-30T07:30', '1000.000000'],
  ['2027-10-31T08:30', '1000.000000'],
  ['2027-11-30T08:30', '1000.000000'],
  ['2027-12-31T08:30', '1000.000000'],
  ['2028-01-31T08:30', '300.000000'],
  ['2028-02-29T08:30', '300.000000'],
  ['2028-03-31T07:30', '300.000000'],
  ['2028-04-30T07:30', '300.000000'],
  ['2028-05-31T07:30', '300.000000'],
  ['2028-06-30T07:30', '300.000000'],
  ['2028-07-31T07:30', '300.000000'],
  ['2028-09-03T07:30', '300.000000'],
  ['2028-09-30T07:30', '300.000000'],
  ['2028-10-31T08:30', '300.000000'],
  ['2028-11-30T08:30', '300.000000'],
  ['2028-12-31T08:30', '300.000000'],
  ['2029-01-31T08:30', '300.000000'],
  ['2029-02-28T08:30', '300.000000'],
  ['2029-03-31T07:30', '300.000000'],
  ['2029-04-30T07:30', '300.000000'],
  ['2029-05-31T07:30', '300.000000'],
  ['2029-06-30T07:30', '300.000000'],
  ['2029-07-31T07:30', '300.000000'],
  ['2029-08-31T07:30', '300.000000'],
  ['2029-09-30T07:30', '300.000000'],
  ['2029-10-31T08:30', '300.000000'],
  // Cancelled: free from here on, every thirty days of the zone that the account is in now.
  ['2029-11-30T08:30', '50.000000'],
  ['2029-12-30T08:30', '50.000000'],
  ['2030-01-29T08:30', '50.000000'],
] as const;

const shown = (book: SubscriptionBook): readonly (readonly [string, string])[] =>
  book.table().map((line) => [line.slice(0, 16), line.slice(25)] as const);

describe('three years of one account', () => {
  const book = new SubscriptionBook({ plans: SHIPPED_PLANS });
  live(book);

  it('[F16] [F29] [edge 1] bring each lot on its day and in its amount, and none besides', () => {
    expect(shown(book)).toEqual(LOTS);
  });

  it('[E6] leave no gap and no overlap, but for the days that were not paid', () => {
    const lots = book.lots.filter(({ takenBack }) => !takenBack);
    const gaps = lots.slice(1).flatMap((lot, index) => {
      const gap = lot.validFrom - (lots[index]?.endsAt ?? 0);
      return gap === 0 ? [] : [[new Date(lot.validFrom).toISOString(), gap / 86_400_000]];
    });
    expect(gaps).toEqual([['2028-09-03T07:30:00.000Z', 3]]);
  });

  it('are paid by the month, once each, and the upgrade by its share', () => {
    const paid = book.payments.map(({ price }) => Number(price.minor));
    const year = (price: number, months: number): number[] => Array<number>(months).fill(price);
    expect(paid).toEqual([...year(2_900, 4), 4_065, ...year(8_900, 8), ...year(2_900, 22)]);
    expect(book.payments.every(({ state }) => state === 'paid')).toBe(true);
  });

  it('tell of each turn once', () => {
    const turns = book.told.filter(({ news }) => news !== 'period_began').map(({ news }) => news);
    expect(turns).toEqual([
      ...['plan_changed', 'plan_changed', 'change_scheduled', 'change_undone', 'change_scheduled', 'plan_changed'],
      ...['past_due', 'payment_failed', 'paid_after_all', 'end_scheduled', 'plan_changed'],
    ]);
  });
});
