// The providers room's door for payments.
import type { PaymentPort } from './payment-port.js';
import type { StripeEvents } from './stripe-events.js';
import type { StripeSettings } from './stripe-payments.js';

export type {
  Checkout,
  CheckoutOrder,
  PaidFor,
  PaidOrder,
  PaymentOrder,
  PaymentPort,
  SeenPayment,
  SentBack,
} from './payment-port.js';
export { DemoPayments } from './demo-payments.js';
export { NoPayments } from './no-payments.js';
export type { StripeSettings } from './stripe-payments.js';

export type { HeardEvent, StripeEvents } from './stripe-events.js';

/** Loaded where it is used alone: the library is large, and most processes need none of it. */
export async function openStripe(settings: StripeSettings): Promise<PaymentPort> {
  const { StripePayments } = await import('./stripe-payments.js');
  return new StripePayments(settings);
}

/** What reads Stripe's signed messages. */
export async function openStripeEvents(secret: string): Promise<StripeEvents> {
  const { StripeEvents: Events } = await import('./stripe-events.js');
  return new Events(secret);
}
