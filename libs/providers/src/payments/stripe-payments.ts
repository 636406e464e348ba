// Providers room. Stripe's checkout and its charges with nobody there, through its own library.
import Stripe from 'stripe';
import type {
  Checkout,
  CheckoutOrder,
  PaidOrder,
  PaymentOrder,
  PaymentPort,
  SeenPayment,
  SentBack,
} from './payment-port.js';
import { CHARGED_AGAIN, metadataOf } from './stripe-metadata.js';

export interface StripeSettings {
  readonly apiKey: string;
  /** Another address than Stripe's own. */
  readonly baseUrl?: string | undefined;
  /** Where the buyer comes back to, having paid or not. */
  readonly returnUrl: string;
}

const CALL_WITHIN_MS = 15_000;

export class StripePayments implements PaymentPort {
  readonly provider = 'stripe';
  private readonly stripe: Stripe;

  constructor(private readonly settings: StripeSettings) {
    this.stripe = new Stripe(settings.apiKey, {
      timeout: CALL_WITHIN_MS,
      // Whoever calls tries again, and by the same key.
      maxNetworkRetries: 0,
      telemetry: false,
      ...addressOf(settings.baseUrl),
    });
  }

  async open(order: CheckoutOrder): Promise<Checkout | null> {
    try {
      const session = await this.opened(order);
      return { checkoutRef: session.id, url: session.url, seen: seenOf(session) };
    } catch (error) {
      if (isRefusal(error) && error.code === 'amount_too_small') return null;
      throw error;
    }
  }

  private async opened({ of, page, keepsMethod, ...order }: CheckoutOrder): Promise<Stripe.Checkout.Session> {
    const metadata = metadataOf(of);
    const { title, priceMinor, currency } = order;
    return this.stripe.checkout.sessions.create(
      {
        mode: 'payment',
        line_items: [
          { quantity: 1, price_data: { currency, unit_amount: Number(priceMinor), product_data: { name: title } } },
        ],
        client_reference_id: of.id,
        metadata,
        payment_intent_data: { metadata, ...(keepsMethod ? { setup_future_usage: 'off_session' } : {}) },
        // A method is kept with a customer, and is of no use without one.
        ...(keepsMethod ? { customer_creation: 'always' } : {}),
        success_url: this.settings.returnUrl,
        cancel_url: this.settings.returnUrl,
      },
      { idempotencyKey: page === 1 ? of.id : `${of.id}/page/${page}` },
    );
  }

  async look(checkoutRef: string): Promise<SeenPayment> {
    const session = await this.stripe.checkout.sessions.retrieve(checkoutRef);
    const { payment_intent: intent } = session;
    // It is done with, and its money is on the way: what came of that is known to the payment alone.
    if (session.status === 'complete' && session.payment_status === 'unpaid' && intent !== null) {
      return this.lookAtCharge(idOf(intent));
    }
    return seenOf(session);
  }

  async close(checkoutRef: string): Promise<SeenPayment> {
    try {
      return seenOf(await this.stripe.checkout.sessions.expire(checkoutRef));
    } catch (error) {
      // Only an open one can be closed: it was paid, or has expired by itself.
      if (isRefusal(error)) return this.look(checkoutRef);
      throw error;
    }
  }

  /** Customer and method stay with Stripe: the earlier payment knows both. */
  async chargeAgain(
    { of, title, priceMinor, currency }: PaymentOrder,
    earlierRef: string | null,
  ): Promise<SeenPayment> {
    if (earlierRef === null) return { state: 'closed' };
    try {
      const { customer, payment_method: method } = await this.stripe.paymentIntents.retrieve(earlierRef);
      if (customer === null || method === null) return { state: 'closed' };
      const intent = await this.stripe.paymentIntents.create(
        {
          amount: Number(priceMinor),
          currency,
          description: title,
          customer: idOf(customer),
          payment_method: idOf(method),
          off_session: true,
          confirm: true,
          // Asked for wherever a method might send somebody to a page of its own.
          return_url: this.settings.returnUrl,
          metadata: { ...metadataOf(of), [CHARGED_AGAIN]: 'yes' },
        },
        { idempotencyKey: `${of.id}/charge` },
      );
      return seenOfIntent(intent);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeCardError || isRefusal(error)) return { state: 'closed' };
      throw error;
    }
  }

  async lookAtCharge(paymentRef: string): Promise<SeenPayment> {
    return seenOfIntent(await this.stripe.paymentIntents.retrieve(paymentRef));
  }

  async payBack({ of, paymentRef, failedBefore = 0 }: PaidOrder): Promise<SentBack | null> {
    // Somebody may have paid twice for one thing, and each goes back by itself.
    const key = `${of.id}/back/${paymentRef}`;
    try {
      const refund = await this.stripe.refunds.create(
        { payment_intent: paymentRef, metadata: metadataOf(of) },
        { idempotencyKey: failedBefore === 0 ? key : `${key}/${failedBefore + 1}` },
      );
      return hasFailed(refund) ? null : { refundRef: refund.id };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error.code === 'charge_already_refunded' ? this.sentBackBefore(paymentRef) : null;
    }
  }

  private async sentBackBefore(paymentRef: string): Promise<SentBack> {
    const { data } = await this.stripe.refunds.list({ payment_intent: paymentRef });
    const standing = data.find((refund) => !hasFailed(refund));
    return standing === undefined ? {} : { refundRef: standing.id };
  }
}

/** An answer, and no failure on the way to one. */
function isRefusal(error: unknown): error is Stripe.errors.StripeInvalidRequestError {
  return error instanceof Stripe.errors.StripeInvalidRequestError;
}

function seenOf(session: Stripe.Checkout.Session): SeenPayment {
  const { payment_intent: intent } = session;
  const ref = intent === null ? {} : { paymentRef: idOf(intent) };
  if (session.payment_status === 'paid') return { state: 'paid', ...ref };
  return { state: session.status === 'expired' ? 'closed' : 'open', ...ref };
}

function seenOfIntent({ id, status }: Stripe.PaymentIntent): SeenPayment {
  if (status === 'succeeded') return { state: 'paid', paymentRef: id };
  // Some ways of paying take days; whatever would ask a person for something is asked of nobody.
  return { state: status === 'processing' ? 'open' : 'closed', paymentRef: id };
}

function idOf(what: string | { readonly id: string }): string {
  return typeof what === 'string' ? what : what.id;
}

/** Also one that its buyer had to say something for, and never did. */
export function hasFailed({ status }: Pick<Stripe.Refund, 'status'>): boolean {
  return status === 'failed' || status === 'canceled';
}

function addressOf(baseUrl: string | undefined): Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> {
  if (baseUrl === undefined) return {};
  const { hostname, port, protocol } = new URL(baseUrl);
  const isPlain = protocol === 'http:';
  return { host: hostname, protocol: isPlain ? 'http' : 'https', port: port === '' ? (isPlain ? 80 : 443) : port };
}
