// Goal: what a new time-zone release moves is moved, and what was announced stands. Method: a release is pretended by
// taking from a subscription in the middle of its year the zone whose rules it would have by the new one.
import { describe, expect, it } from '@jest/globals';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import type { Instant } from '../time/instant.js';
import { instant, instantToText } from '../time/instant.js';
import { reckonsAhead } from './periods.js';

const at = (text: string): Instant => instant(Date.parse(text));

/** 09:30 of Berlin in summer, on 15 June. */
function inSummer(planId: string): SubscriptionBook {
  const book = new SubscriptionBook({ plans: SHIPPED_PLANS });
  book.change(at('2027-06-15T07:30:00Z'), planId);
  return book;
}

/** Berlin is told to stay on its winter time for good. */
function summerTimeIsOver(book: SubscriptionBook): void {
  const { current } = book.subscription;
  if (current === null) throw new Error('there is no plan');
  book.subscription = {
    ...book.subscription,
    current: { ...current, anchor: { ...current.anchor, zone: 'Etc/GMT-1' } },
  };
}

const ends = ({ subscription: { current } }: SubscriptionBook): readonly string[] =>
  [current?.period, current?.billing].map((one) => (one ? instantToText(one.end).slice(0, 16) : 'none'));

describe('a time-zone release that moves a boundary', () => {
  it('[edge 12] leaves the end that was announced, moves what lies beyond it, and no timer', () => {
    const book = inSummer('plan_standard_annual');
    const { wakeAt } = book;
    expect(ends(book)).toEqual(['2027-07-15T07:30', '2028-06-15T07:30']);
    summerTimeIsOver(book);
    book.step(at('2027-06-20T12:00:00Z'), { type: 'wake' });
    expect([ends(book), book.wakeAt]).toEqual([['2027-07-15T07:30', '2028-06-15T08:30'], wakeAt]);
    book.runUntil(at('2027-07-20T12:00:00Z'));
    expect(ends(book)).toEqual(['2027-08-15T08:30', '2028-06-15T08:30']);
  });

  it('[edge 12] leaves no gap where one period ends by the old rules and the next one begins', () => {
    const book = inSummer('plan_standard_annual');
    summerTimeIsOver(book);
    book.runUntil(at('2028-08-01T00:00:00Z'));
    const lots = book.lots.filter(({ takenBack }) => !takenBack);
    expect(lots.slice(1).filter((lot, index) => lots[index]?.endsAt !== lot.validFrom)).toEqual([]);
    expect(lots.map(({ endsAt }) => instantToText(endsAt).slice(11, 16))).toEqual([
      '07:30',
      ...Array.from({ length: lots.length - 1 }, () => '08:30'),
    ]);
  });

  it('[edge 12] in the last month of a year ends that year where the month ends', () => {
    const book = inSummer('plan_standard_annual');
    book.runUntil(at('2028-06-01T00:00:00Z'));
    summerTimeIsOver(book);
    book.step(at('2028-06-02T00:00:00Z'), { type: 'wake' });
    expect(ends(book)).toEqual(['2028-06-15T07:30', '2028-06-15T07:30']);
  });

  it('concerns nobody whose next end is the last that was reckoned', () => {
    const reckoned = (planId: string): boolean => {
      const { current } = inSummer(planId).subscription;
      return current !== null && reckonsAhead(current);
    };
    expect(['plan_free', 'plan_standard', 'plan_standard_annual'].map(reckoned)).toEqual([false, false, true]);
  });
});
