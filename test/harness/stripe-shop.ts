// Test harness. A shop whose visitors pay at Stripe: the stack beside a server that speaks Stripe's protocol, what it
// tells, and somebody of support.
import type { PaymentNews } from '@fairmeter/domain';
import { byStage, reply } from './scripts.js';
import { Shop, type Shopper } from './shop.js';
import { SignedIn, TestIssuer } from './signed-in.js';
import { StaffClient } from './staff.js';
import { bodyOf, StripeServer } from './stripe-server.js';
import { TestStack } from './test-stack.js';
import { until } from './until.js';
import { VISITOR_ENV } from './visitors.js';

export interface Sale {
  readonly shopper: Shopper;
  readonly id: string;
  /** The payment, as Stripe calls it. */
  readonly intent: string;
}

export class StripeShop {
  private constructor(
    readonly stack: TestStack,
    readonly stripe: StripeServer,
    readonly shop: Shop,
    readonly support: SignedIn,
    private readonly issuer: TestIssuer,
  ) {}

  static async open(): Promise<StripeShop> {
    const [stripe, issuer] = await Promise.all([StripeServer.start(), TestIssuer.open()]);
    const settings = { STRIPE_BASE_URL: stripe.url, STRIPE_RETURN_URL: 'https://shop.test/back' };
    const stack = await TestStack.open({
      models: byStage({ answer: [reply('Hello')] }).port,
      worker: { STRIPE_API_KEY: stripe.apiKey, ...settings },
      api: {
        ...VISITOR_ENV,
        STRIPE_WEBHOOK_SECRET: stripe.secret,
        OIDC_ISSUERS: issuer.setting,
        ADDRESS_JOBS_PER_MINUTE: '1000',
      },
    });
    await stack.startWorker();
    await stack.startApi();
    const support = new SignedIn(stack.apiUrl, issuer.token({ sub: 'sue', roles: ['helpdesk'] }));
    return new StripeShop(stack, stripe, await Shop.open(stack), support, issuer);
  }

  /** Each time somebody else. */
  staff(role: 'support' | 'admin'): StaffClient {
    return StaffClient.of(this.stack, this.issuer, role);
  }

  async close(): Promise<void> {
    await this.stack.stop();
    await Promise.all([this.stripe.close(), this.issuer.close()]);
  }

  /** Ordered by somebody new, and not paid. */
  async ordered(credits?: string): Promise<Sale> {
    const { shopper, id, answer } = await this.shop.ordered(credits);
    if (answer.status !== 201 || answer.body['state'] !== 'pending') throw new Error(JSON.stringify(answer.body));
    return { shopper, id, intent: this.stripe.sessionOf(id).paymentIntent };
  }

  async paid(credits?: string): Promise<Sale> {
    const sale = await this.ordered(credits);
    await this.tell('paid', sale);
    await sale.shopper.becomes(sale.id, 'paid');
    return sale;
  }

  async tell(news: PaymentNews, { id, intent }: Pick<Sale, 'id' | 'intent'>): Promise<void> {
    const payment = { payment_intent: intent, metadata: {} };
    const dispute = { id: `dp_${intent}`, object: 'dispute', ...payment };
    if (news === 'paid') return this.send('checkout.session.completed', bodyOf(this.stripe.pay(id)));
    if (news === 'disputed') return this.send('charge.dispute.created', { ...dispute, status: 'needs_response' });
    if (news === 'dispute_won') return this.send('charge.dispute.closed', { ...dispute, status: 'won' });
    if (news === 'refund_failed') return this.send('refund.failed', { ...this.stripe.refundFails(intent) });
    return this.send('charge.refunded', { object: 'charge', ...payment, refunded: true });
  }

  async send(type: string, object: Readonly<Record<string, unknown>>): Promise<void> {
    const message = this.stripe.message(type, object);
    const response = await fetch(`${this.stack.apiUrl}/v1/payments/stripe`, { method: 'POST', ...message });
    if (response.status !== 204) throw new Error(`told and answered ${response.status}`);
  }

  /** Once as many events as that are known to be about the purchase. */
  async heard(count: number, { id }: Pick<Sale, 'id'>): Promise<void> {
    const sql = `SELECT FROM records.payment_events WHERE purchase_id = $1 AND provider = 'stripe'`;
    await until(
      async () => this.stack.entities.manager.query<unknown[]>(sql, [id]),
      (rows) => rows.length === count,
    );
  }

  async stateOf(id: string): Promise<string | undefined> {
    const sql = 'SELECT state FROM records.purchases WHERE id = $1';
    return (await this.stack.entities.manager.query<{ state: string }[]>(sql, [id]))[0]?.state;
  }

  async becomes(id: string, state: string): Promise<void> {
    await until(
      async () => this.stateOf(id),
      (is) => is === state,
    );
  }

  /** How often the money of a payment went back. */
  refundsOf({ intent }: Pick<Sale, 'intent'>): number {
    return this.stripe.refunds.filter((one) => one === intent).length;
  }
}
