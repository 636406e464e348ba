// Providers room. What travels with a payment at Stripe, so that whatever is heard of it names what was paid for.
import type { PaidFor } from './payment-port.js';

const NAMES = { purchase: 'purchase_id', subscription_payment: 'subscription_payment_id' } as const satisfies Record<
  PaidFor['kind'],
  string
>;

/** On a charge with nobody there: on a page, whose card was declined may try another. */
export const CHARGED_AGAIN = 'charged_again';

export function metadataOf({ kind, id }: PaidFor): Record<string, string> {
  return { [NAMES[kind]]: id };
}

/** By the names of those who ask for it. */
export interface NamedPayment {
  readonly purchaseId?: string;
  readonly subscriptionPaymentId?: string;
}

export function namedIn(metadata: Readonly<Record<string, string>> | null): NamedPayment {
  const purchaseId = metadata?.[NAMES.purchase];
  const subscriptionPaymentId = metadata?.[NAMES.subscription_payment];
  return {
    ...(purchaseId === undefined ? {} : { purchaseId }),
    ...(subscriptionPaymentId === undefined ? {} : { subscriptionPaymentId }),
  };
}
