// Providers room. Stripe's checkout, through its own library. Purchases travel as metadata, so that whatever is heard
// of a payment names what was bought.
import Stripe from 'stripe';
import type { Checkout, CheckoutOrder, PaymentPort, SeenCheckout } from './payment-port.js';

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

  async open({ purchaseId, title, priceMinor, currency }: CheckoutOrder): Promise<Checkout> {
    const metadata = { purchase_id: purchaseId };
    const session = await this.stripe.checkout.sessions.create(
      {
        mode: 'payment',
        line_items: [
          { quantity: 1, price_data: { currency, unit_amount: Number(priceMinor), product_data: { name: title } } },
        ],
        client_reference_id: purchaseId,
        metadata,
        payment_intent_data: { metadata },
        success_url: this.settings.returnUrl,
        cancel_url: this.settings.returnUrl,
      },
      { idempotencyKey: purchaseId },
    );
    return { checkoutRef: session.id, url: session.url, seen: seenOf(session) };
  }

  async look(checkoutRef: string): Promise<SeenCheckout> {
    return seenOf(await this.stripe.checkout.sessions.retrieve(checkoutRef));
  }
}

function seenOf(session: Stripe.Checkout.Session): SeenCheckout {
  const { payment_intent: intent } = session;
  const paymentRef = typeof intent === 'string' ? intent : intent?.id;
  const ref = paymentRef === undefined ? {} : { paymentRef };
  if (session.payment_status === 'paid') return { state: 'paid', ...ref };
  return { state: session.status === 'expired' ? 'closed' : 'open', ...ref };
}

function addressOf(baseUrl: string | undefined): Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> {
  if (baseUrl === undefined) return {};
  const { hostname, port, protocol } = new URL(baseUrl);
  const isPlain = protocol === 'http:';
  return { host: hostname, protocol: isPlain ? 'http' : 'https', port: port === '' ? (isPlain ? 80 : 443) : port };
}
