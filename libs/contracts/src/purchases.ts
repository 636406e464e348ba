// Contracts room. A purchase on its way from a checkout to its lots, what is heard of its payment later, and the way
// back.
import type { PaymentEventNews, PurchaseState, StaffMember } from '@fairmeter/domain';
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { HeardSubscriptionPayment } from './subscription-payments.js';

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

/** Its buyer has gone: the checkout is closed where nobody has paid yet. */
export const orderEndedSignal = defineSignal('orderEnded');

/** What a payment provider says of a payment, under its own reference, or with the name that it carries for us. */
export interface PaymentEvent {
  readonly provider: string;
  /** The provider's own id: the same event told three times is one. */
  readonly eventId: string;
  readonly news: PaymentEventNews;
  readonly purchaseId?: string;
  readonly subscriptionPaymentId?: string;
  /** What later events of the same payment are told under. */
  readonly paymentRef?: string;
  /** Of a dispute: which of several. */
  readonly disputeRef?: string;
  /** Of a refund: the same. */
  readonly refundRef?: string;
  /** When it happened, by the provider's clock, in milliseconds: what is heard may be late. */
  readonly at?: number;
}

export function paymentEventWorkflowId({ provider, eventId }: PaymentEvent): string {
  return `payment/${provider}/${eventId}`;
}

export type CheckoutState = 'open' | 'paid' | 'closed';

export interface CheckoutLook {
  readonly state: CheckoutState;
  readonly paymentRef?: string;
}

/** `refused`: the provider will not, for good. */
export interface PaidBack {
  readonly outcome: 'paid_back' | 'refused';
  /** Under which it is heard of later, should it fail after all. */
  readonly refundRef?: string;
}

/** What talks to the payment provider. */
export interface CheckoutActivities {
  /** Opens the checkout, once, however often it is asked. */
  openCheckout(input: PurchaseInput): Promise<CheckoutLook>;
  /** For whoever missed the news: a webhook may never come. Closes what is not to be paid any more. */
  lookAtCheckout(input: PurchaseInput): Promise<CheckoutLook>;
  /** Sends the money of a purchase that owes it the way it came, once. */
  payBack(input: PurchaseInput): Promise<PaidBack>;
}

export interface AppliedPayment {
  /** Null where no purchase of ours is meant, or none is known yet. */
  readonly state: PurchaseState | null;
  /** The purchase whose money is to go back, since nobody is there to have what it bought. */
  readonly owedBack: string | null;
  /** Where a payment of a subscription is meant. */
  readonly subscription?: HeardSubscriptionPayment;
}

export const PURCHASE_REVERSAL_WORKFLOW = 'purchaseReversal';

/** A purchase is reversed once, whoever asks and however often. */
export function purchaseReversalWorkflowId(purchaseId: string): string {
  return `reversal/${purchaseId}`;
}

/** Two who approve one at a moment meet in one run. */
export function reversalApprovalWorkflowId(purchaseId: string, reversalId: string): string {
  return `${purchaseReversalWorkflowId(purchaseId)}/${reversalId}`;
}

export interface ReversalInput extends PurchaseInput {
  /** As whoever asked has named it: a purchase of another account is none. */
  readonly accountId: string;
  readonly actor: StaffMember;
  /** The reversal of somebody else that is approved by this; left out, it is asked for. */
  readonly approves?: string;
  /** Where the reason is written: no words of people cross Temporal. */
  readonly reasonRef: string;
  readonly requestId: string;
}

export type BegunReversal =
  | { readonly outcome: 'owed' }
  | { readonly outcome: 'not_found' }
  /** Too large for one person: it is written down and waits for another. */
  | { readonly outcome: 'waits' }
  /** What was to be approved does not wait any more. */
  | { readonly outcome: 'decided' }
  /** Nothing of it is to go back: it was never paid, is with the bank, or has gone back. */
  | { readonly outcome: 'stands'; readonly state: PurchaseState };

export type ReversalAnswer =
  | Exclude<BegunReversal, { readonly outcome: 'owed' }>
  | { readonly outcome: 'reversed' }
  | { readonly outcome: 'provider_refused' };

/** Local, each one idempotent step. */
export interface PaymentActivities {
  /** What a payment's news means for the lots. */
  applyPayment(event: PaymentEvent): Promise<AppliedPayment>;
  /** From then on its money is owed, or waits for a second person; the line of the audit is written with it. */
  beginReversal(input: ReversalInput): Promise<BegunReversal>;
}
