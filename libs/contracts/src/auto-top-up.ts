// Contracts room. A bundle that is bought by itself: when somebody looks, what is ordered, and how it is paid.
import { defineSignal } from '@temporalio/workflow';
import type { PurchaseInput } from './purchases.js';

export type { SignalDefinition } from '@temporalio/common';

export const AUTO_TOP_UP_WORKFLOW = 'autoTopUp';

/** One of an account at a time: what is bought, is bought one after the other. */
export function autoTopUpWorkflowId(accountId: string): string {
  return `top-up/${accountId}`;
}

export interface AutoTopUpInput {
  readonly accountId: string;
}

/** There may be too little now. Sent with the start, so that whoever is at it already looks once more. */
export const creditsFellSignal = defineSignal('creditsFell');

export interface BegunTopUp {
  /** What is to be paid; null where nothing is to be bought. */
  readonly purchaseId: string | null;
}

/** `open`: nobody knows yet, and it may take days. Only an answer is one. */
export type KeptPaymentOutcome = 'paid' | 'declined' | 'open';

export interface KeptPayment {
  readonly outcome: KeptPaymentOutcome;
  /** Under which later news of this payment comes. */
  readonly paymentRef?: string;
}

export interface EndedTopUp extends AutoTopUpInput, PurchaseInput {
  readonly outcome: Exclude<KeptPaymentOutcome, 'open'>;
}

/** Local, each one idempotent step. */
export interface AutoTopUpActivities {
  /** Orders the bundle where it is due, once: what was ordered and not paid yet is told again. */
  beginTopUp(input: AutoTopUpInput): Promise<BegunTopUp>;
  endTopUp(ended: EndedTopUp): Promise<void>;
}

/** What talks to the payment provider. */
export interface KeptPaymentActivities {
  /**
   * By the means of payment that the account has left with the provider, once, however often it is asked: what is open
   * is looked at.
   */
  payByKeptMeans(input: PurchaseInput): Promise<KeptPayment>;
}
