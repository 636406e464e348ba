// Contracts room. A purchase on its way from a checkout to its lot, and what is heard of its payment later.
import type { PaymentNews, PurchaseState } from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';

export const PURCHASE_WORKFLOW = 'purchase';
export const PAYMENT_EVENT_WORKFLOW = 'paymentEvent';

export interface PurchaseInput {
  readonly purchaseId: string;
}

export function purchaseWorkflowId(purchaseId: string): string {
  return `purchase/${purchaseId}`;
}

/** As it stands once the buyer can go on: paid, or with the page on which it is to be paid. */
export interface CheckoutAnswer {
  readonly state: PurchaseState;
}

export const checkoutUpdate = defineUpdate<CheckoutAnswer>('checkout');

/** What a payment provider says of a payment; of a purchase it names its own reference, or ours where it carries it. */
export interface PaymentEvent {
  readonly provider: string;
  /** The provider's own id: the same event told three times is one. */
  readonly eventId: string;
  readonly news: PaymentNews;
  readonly purchaseId?: string;
  /** What later events of the same payment are told under. */
  readonly paymentRef?: string;
}

export function paymentEventWorkflowId({ provider, eventId }: PaymentEvent): string {
  return `payment/${provider}/${eventId}`;
}

export type CheckoutState = 'open' | 'paid' | 'closed';

export interface CheckoutLook {
  readonly state: CheckoutState;
  readonly paymentRef?: string;
}

/** What talks to the payment provider. */
export interface CheckoutActivities {
  /** Opens the checkout, once, however often it is asked. */
  openCheckout(input: PurchaseInput): Promise<CheckoutLook>;
  /** For whoever missed the news: a webhook may never come. */
  lookAtCheckout(input: PurchaseInput): Promise<CheckoutLook>;
}

export interface AppliedPayment {
  /** Null where no purchase of ours is meant, or none is known yet. */
  readonly state: PurchaseState | null;
}

/** Local: what a payment's news means for the lot, one idempotent step. */
export interface PaymentActivities {
  applyPayment(event: PaymentEvent): Promise<AppliedPayment>;
}
