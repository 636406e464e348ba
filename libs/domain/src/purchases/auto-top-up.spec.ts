// Goal: a bundle is bought by itself where its owner wants it and never else. Method: one that is due, and each thing
// that stands in the way of it by itself.
import { describe, expect, it } from '@jest/globals';
import { credits } from '../amounts/micro-credits.js';
import { instant } from '../time/instant.js';
import type { AutoTopUp, TopUpStanding, TopUpState } from './auto-top-up.js';
import { isTopUpDue, topUpState } from './auto-top-up.js';

const NOW = instant(Date.UTC(2027, 0, 15));
const POLICY = { retryAfterFailureMs: 86_400_000 };
const SET: AutoTopUp = {
  enabled: true,
  threshold: credits(20n),
  monthlyCapMinor: 3_600n,
  currency: 'eur',
  failedAt: null,
  purchaseId: null,
};
const DUE: TopUpStanding = {
  topUp: SET,
  accountStatus: 'active',
  owes: false,
  price: { minor: 1_200n, currency: 'eur' },
  spentMinor: 2_400n,
  wasTakenBack: false,
};
const having = (topUp: Partial<AutoTopUp>): TopUpStanding => ({ ...DUE, topUp: { ...SET, ...topUp } });

const due = (standing: TopUpStanding, available = credits(19n)): boolean =>
  isTopUpDue(standing, { available, now: NOW }, POLICY);

describe('a bundle that is bought by itself', () => {
  it('is due where less than the threshold is available, and the cap reaches for it', () => {
    expect([due(DUE), due(DUE, credits(0n)), due(DUE, credits(20n))]).toEqual([true, true, false]);
  });

  it.each<[TopUpState, TopUpStanding]>([
    ['off', having({ enabled: false })],
    ['account_not_active', { ...DUE, accountStatus: 'past_due' }],
    ['account_not_active', { ...DUE, accountStatus: 'suspended' }],
    ['account_not_active', { ...DUE, accountStatus: 'closed' }],
    ['owes', { ...DUE, owes: true }],
    ['paying', having({ purchaseId: 'pur_1' })],
    ['taken_back', { ...DUE, wasTakenBack: true }],
    ['payment_failed', having({ failedAt: instant(NOW - POLICY.retryAfterFailureMs + 1) })],
    ['not_on_offer', { ...DUE, price: null }],
    ['not_on_offer', { ...DUE, price: { minor: 1_200n, currency: 'usd' } }],
    ['cap_reached', { ...DUE, spentMinor: 2_401n }],
  ])('waits while it is %s', (state, standing) => {
    expect([topUpState(standing, NOW, POLICY), due(standing, credits(0n))]).toEqual([state, false]);
  });

  it('is tried again a day after a payment that failed', () => {
    expect(due(having({ failedAt: instant(NOW - POLICY.retryAfterFailureMs) }))).toBe(true);
  });
});
