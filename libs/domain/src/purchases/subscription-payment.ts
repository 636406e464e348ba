// Domain room. A payment of a subscription: what became of it, as far as the subscription must know. As with purchases
// it follows from all that was ever heard, and from no order.
import type { HeardNews, PaymentNews } from './purchase.js';
import { standingOf } from './purchase.js';

/** `failed` may be paid after all; `dropped`: nobody waits for it; `returned`: the money is with whoever paid. */
export const SUBSCRIPTION_PAYMENT_STATES = ['open', 'paid', 'failed', 'dropped', 'returned'] as const;
export type SubscriptionPaymentState = (typeof SUBSCRIPTION_PAYMENT_STATES)[number];

/** Whatever a provider says of a payment, before anybody knows what it was for. */
export type PaymentEventNews = PaymentNews | 'failed';

/** `failed`: declined, or nobody paid while it could be paid. */
export type SubscriptionPaymentNews = Exclude<PaymentNews, 'refund_failed'> | 'failed';

export interface HeardOfSubscription extends Pick<HeardNews, 'dispute'> {
  readonly news: SubscriptionPaymentNews;
}

export interface SubscriptionPaymentStanding {
  readonly state: SubscriptionPaymentState;
  /** Paid though nobody waits for it: the money goes back the way it came. */
  readonly owesBack: boolean;
}

export function subscriptionPaymentStanding(
  heard: readonly HeardOfSubscription[],
  isWanted: boolean,
): SubscriptionPaymentStanding {
  const money = standingOf(heard.flatMap(({ news, dispute }) => (news === 'failed' ? [] : [told(news, dispute)])));
  // While a dispute is open, the bank has it.
  if (money === 'reversed' || money === 'disputed') return { state: 'returned', owesBack: false };
  if (!isWanted) return { state: 'dropped', owesBack: money === 'paid' };
  if (money === 'paid') return { state: 'paid', owesBack: false };
  return { state: heard.length > 0 ? 'failed' : 'open', owesBack: false };
}

/** What has come back of such a payment stays returned: a refund of it that failed is for a person to look at. */
function told(news: Exclude<PaymentNews, 'refund_failed'>, dispute: string | null): HeardNews {
  return { news, dispute, refund: null, event: news, at: 0 };
}

/** Several may have paid for one thing: on a page whose money came days later, and on the page that followed it. */
export interface HeardUnderReference extends HeardOfSubscription {
  /** Null where it was told without one. */
  readonly paymentRef: string | null;
}

export interface StandingByReference extends SubscriptionPaymentStanding {
  /** Under which it is paid, or will be. */
  readonly paymentRef: string | null;
  /** Under these it was paid once more: that money goes back, and says nothing of the first. */
  readonly surplus: readonly string[];
}

/** Whoever paid first has paid; everything is in the order in which it was heard. */
export function standingByReference(
  heard: readonly HeardUnderReference[],
  { isWanted, knownRef }: { readonly isWanted: boolean; readonly knownRef: string | null },
): StandingByReference {
  const paid = [...new Set(heard.flatMap(({ news, paymentRef }) => (news === 'paid' ? (paymentRef ?? []) : [])))];
  const ref = knownRef !== null && paid.includes(knownRef) ? knownRef : (paid[0] ?? knownRef);
  const own = heard.filter(({ news, paymentRef }) => news === 'failed' || paymentRef === null || paymentRef === ref);
  const isBack = (other: string): boolean =>
    heard.some(({ news, paymentRef }) => news === 'reversed' && paymentRef === other);
  const surplus = paid.filter((other) => other !== ref && !isBack(other));
  return { ...subscriptionPaymentStanding(own, isWanted), paymentRef: ref, surplus };
}
