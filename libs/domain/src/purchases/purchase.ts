// Domain room. A purchase of credits: what became of its payment, and what that means for the lot it bought. News of a
// payment comes late, twice and out of order; what stands follows from the state alone, never from the order alone.
import { unreachable } from '../failures/exhaustive.js';

export const PURCHASE_STATES = ['pending', 'paid', 'disputed', 'reversed'] as const;
export type PurchaseState = (typeof PURCHASE_STATES)[number];

export const PAYMENT_NEWS = ['paid', 'disputed', 'dispute_won', 'reversed'] as const;
/** `reversed`: the money went back, by a refund or a dispute that was lost. */
export type PaymentNews = (typeof PAYMENT_NEWS)[number];

/**
 * What the ledger is asked for, in this order. `grant` once a payment stands; `take_back` once it does not any more;
 * `grant_again` when a dispute was won after its credits had been taken back.
 */
export type PurchaseEffect = 'grant' | 'take_back' | 'grant_again';

export interface PurchaseStep {
  readonly state: PurchaseState;
  readonly effect: PurchaseEffect | null;
}

/** Whether the purchase was ever paid: a dispute that is told of before its payment has nothing to take back. */
export interface PurchaseStanding {
  readonly state: PurchaseState;
  readonly granted: boolean;
}

export function onPaymentNews({ state, granted }: PurchaseStanding, news: PaymentNews): PurchaseStep {
  const stays: PurchaseStep = { state, effect: null };
  // Money that went back does not come again: whoever buys once more has another purchase.
  if (state === 'reversed') return stays;
  switch (news) {
    case 'paid':
      return state === 'pending' ? { state: 'paid', effect: 'grant' } : stays;
    case 'disputed':
      return state === 'disputed' ? stays : { state: 'disputed', effect: takesBack(state, granted) };
    case 'dispute_won':
      if (state !== 'disputed') return stays;
      return { state: 'paid', effect: granted ? 'grant_again' : 'grant' };
    case 'reversed':
      return { state: 'reversed', effect: takesBack(state, granted) };
    default:
      return unreachable(news);
  }
}

/** What a dispute has taken back before is not taken back twice. */
function takesBack(state: PurchaseState, granted: boolean): PurchaseEffect | null {
  return state === 'paid' && granted ? 'take_back' : null;
}
