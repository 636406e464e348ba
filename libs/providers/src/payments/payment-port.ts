// Providers room. The way to whoever takes the money: a checkout is opened, looked at and closed, what was paid with
// once may be charged again, and what was paid goes back the way it came. Everything else is heard of.

/** What is paid for, by its own id. It travels with the payment: whatever is heard of a payment names it. */
export interface PaidFor {
  readonly kind: 'purchase' | 'subscription_payment';
  readonly id: string;
}

export interface PaymentOrder {
  readonly of: PaidFor;
  /** What whoever pays is shown. */
  readonly title: string;
  readonly priceMinor: bigint;
  /** ISO 4217, lower case. */
  readonly currency: string;
}

export interface CheckoutOrder extends PaymentOrder {
  /** Which of several that follow each other, from 1: after one that has expired there may be another. */
  readonly page: number;
  /** What it is paid with may be charged again later, with nobody there. */
  readonly keepsMethod: boolean;
}

export interface Checkout {
  readonly checkoutRef: string;
  /** Where it is to be paid; null where nothing is left to do. */
  readonly url: string | null;
  readonly seen: SeenPayment;
}

/** `closed`: it is not paid, and will not be. */
export interface SeenPayment {
  readonly state: 'open' | 'paid' | 'closed';
  /** Under which later news of this payment comes. */
  readonly paymentRef?: string;
}

export interface PaidOrder {
  readonly of: PaidFor;
  readonly paymentRef: string;
  /** How many refunds of it are known to have failed: the next one is another. */
  readonly failedBefore?: number;
}

/** On its way back: most go at once, and some take days and may fail in the end, which is heard of. */
export interface SentBack {
  /** Under which later news of it comes, where the provider has a name for it. */
  readonly refundRef?: string;
}

export interface PaymentPort {
  readonly provider: string;
  /** Asked again for the same page it answers with the same checkout. Null where it takes no amount that small. */
  open(order: CheckoutOrder): Promise<Checkout | null>;
  look(checkoutRef: string): Promise<SeenPayment>;
  /** Nobody can pay there any more; where somebody already has, that is what is seen. */
  close(checkoutRef: string): Promise<SeenPayment>;
  /** Once, with what an earlier payment was made with, if there was one. That it is declined is an answer: `closed`. */
  chargeAgain(order: PaymentOrder, earlierRef: string | null): Promise<SeenPayment>;
  /** A charge that was still on its way. */
  lookAtCharge(paymentRef: string): Promise<SeenPayment>;
  /** The whole of a payment, once, and never more than was paid. Null where the provider will not, for good. */
  payBack(payment: PaidOrder): Promise<SentBack | null>;
}
