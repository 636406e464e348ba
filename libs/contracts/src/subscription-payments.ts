// Contracts room. What is heard of a payment of a subscription, and what follows: its subscription is told, or the
// money goes back. How it is asked for stands with the subscription.
import type { SubscriptionSubject } from '@fairmeter/domain';

export interface HeardSubscriptionPayment {
  readonly paymentId: string;
  readonly subject: SubscriptionSubject;
  readonly key: string;
  /** What its subscription is told; null where that is no news for it. */
  readonly paid: boolean | null;
  /** It had been paid, and the money was taken back: that is told as well. */
  readonly returned?: boolean;
  /** Money of it is to go back, or may come once more on a page that is to be closed. */
  readonly owesBack: boolean;
}

export interface ReturnedPaymentInput {
  readonly paymentId: string;
}

/** What talks to the payment provider, beside what a subscription asks it for. */
export interface ReturnedPaymentActivities {
  /** Sends the money the way it came, once, where it is still owed. */
  returnSubscriptionPayment(input: ReturnedPaymentInput): Promise<void>;
}
