// Goal: whatever order news of a payment comes in, credits stand exactly while their payment does. Method: every state
// with every news as a table, and random news, repeated and shuffled, against what the ledger was asked for.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PaymentNews, PurchaseEffect, PurchaseStanding, PurchaseState } from './purchase.js';
import { onPaymentNews, PAYMENT_NEWS } from './purchase.js';

type Row = readonly [PurchaseState, boolean, PaymentNews, PurchaseState, PurchaseEffect | null];

const TABLE: readonly Row[] = [
  ['pending', false, 'paid', 'paid', 'grant'],
  ['pending', false, 'disputed', 'disputed', null],
  ['pending', false, 'dispute_won', 'pending', null],
  ['pending', false, 'reversed', 'reversed', null],
  ['paid', true, 'paid', 'paid', null],
  ['paid', true, 'disputed', 'disputed', 'take_back'],
  ['paid', true, 'dispute_won', 'paid', null],
  ['paid', true, 'reversed', 'reversed', 'take_back'],
  ['disputed', true, 'paid', 'disputed', null],
  ['disputed', true, 'disputed', 'disputed', null],
  ['disputed', true, 'dispute_won', 'paid', 'grant_again'],
  ['disputed', true, 'reversed', 'reversed', null],
  ['disputed', false, 'paid', 'disputed', null],
  ['disputed', false, 'dispute_won', 'paid', 'grant'],
  ['disputed', false, 'reversed', 'reversed', null],
  ['reversed', true, 'paid', 'reversed', null],
  ['reversed', true, 'disputed', 'reversed', null],
  ['reversed', true, 'dispute_won', 'reversed', null],
  ['reversed', true, 'reversed', 'reversed', null],
];

describe('a purchase', () => {
  it.each(TABLE)('that is %s (granted: %s) and hears %s is %s, with %s', (...row) => {
    const [state, granted, news, after, effect] = row;
    expect(onPaymentNews({ state, granted }, news)).toEqual({ state: after, effect });
  });

  it('[edge 72, edge 73] has its credits exactly while it is paid, whatever is told how often in which order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PAYMENT_NEWS), { maxLength: 12 }), (told) => {
        let standing: PurchaseStanding = { state: 'pending', granted: false };
        let lots = 0;
        for (const news of told) {
          const { state, effect } = onPaymentNews(standing, news);
          if (effect === 'grant' || effect === 'grant_again') lots += 1;
          if (effect === 'take_back') lots -= 1;
          standing = { state, granted: standing.granted || effect === 'grant' || effect === 'grant_again' };
          expect(lots).toBe(state === 'paid' ? 1 : 0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('stays as it is when everything is told again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TABLE), fc.constantFrom(...PAYMENT_NEWS), ([state, granted], news) => {
        const first = onPaymentNews({ state, granted }, news);
        const standing = { state: first.state, granted: granted || first.effect === 'grant' };
        expect(onPaymentNews(standing, news)).toEqual({ state: first.state, effect: null });
      }),
    );
  });
});
