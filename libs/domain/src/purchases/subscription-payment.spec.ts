// Goal: what a subscription is told of a payment follows from all that was heard and whether it is waited for, in any
// order. Method: a table of what was heard, told forwards, backwards and twice.
import { describe, expect, it } from '@jest/globals';
import type {
  HeardUnderReference,
  SubscriptionPaymentNews,
  SubscriptionPaymentStanding,
} from './subscription-payment.js';
import { standingByReference, subscriptionPaymentStanding } from './subscription-payment.js';

type State = SubscriptionPaymentStanding['state'];

/** What was heard, what it is while it is waited for, and while it is not. `+ back`: the money is to go back. */
const TABLE: readonly (readonly [readonly SubscriptionPaymentNews[], State, string])[] = [
  [[], 'open', 'dropped'],
  [['failed'], 'failed', 'dropped'],
  [['paid'], 'paid', 'dropped + back'],
  [['failed', 'paid'], 'paid', 'dropped + back'],
  [['paid', 'reversed'], 'returned', 'returned'],
  [['failed', 'reversed'], 'returned', 'returned'],
  [['paid', 'disputed'], 'returned', 'returned'],
  [['paid', 'disputed', 'dispute_won'], 'paid', 'dropped + back'],
  [['failed', 'paid', 'disputed', 'reversed'], 'returned', 'returned'],
];

describe('a payment of a subscription', () => {
  it.each(TABLE)('of which %j was heard is %s, and where nobody waits for it %s', (news, wanted, unwanted) => {
    const heard = news.map((one) => ({ news: one, dispute: one.startsWith('dispute') ? 'dp' : null }));
    for (const told of [heard, heard.toReversed(), [...heard, ...heard]]) {
      expect(subscriptionPaymentStanding(told, true)).toEqual({ state: wanted, owesBack: false });
      const { state, owesBack } = subscriptionPaymentStanding(told, false);
      expect(`${state}${owesBack ? ' + back' : ''}`).toBe(unwanted);
    }
  });
});

describe('what is heard under several references', () => {
  const of = (news: HeardUnderReference['news'], paymentRef: string | null): HeardUnderReference => ({
    news,
    paymentRef,
    dispute: null,
  });
  const stands = (...heard: HeardUnderReference[]): unknown =>
    standingByReference(heard, { isWanted: true, knownRef: 'charge' });

  it('[edge 73] is paid by the first that came, and what came besides goes back and says nothing of it', () => {
    expect(stands(of('failed', 'charge'))).toMatchObject({ state: 'failed', paymentRef: 'charge', surplus: [] });
    expect(stands(of('paid', 'page'))).toMatchObject({ state: 'paid', paymentRef: 'page', surplus: [] });
    expect(stands(of('paid', 'page'), of('paid', 'charge'))).toMatchObject({ paymentRef: 'charge', surplus: ['page'] });
    expect(stands(of('paid', 'charge'), of('paid', 'page'), of('reversed', 'page'))).toMatchObject({
      state: 'paid',
      surplus: [],
    });
    expect(stands(of('paid', 'charge'), of('disputed', 'charge'))).toMatchObject({ state: 'returned' });
    expect(stands(of('reversed', null))).toMatchObject({ state: 'returned' });
  });
});
