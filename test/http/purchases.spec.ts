// Goal: credits are bought once, stand while their payment does, and go with it. Method: the running stack with the
// built-in provider, and with a server that speaks Stripe's protocol and signs as Stripe does.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { purchaseWorkflowId } from '@fairmeter/contracts';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { openAccountKey, openBot } from '../harness/people.js';
import { bodyOf, StripeServer } from '../harness/stripe-server.js';
import { TestStack } from '../harness/test-stack.js';
import { DAY_MS } from '../harness/next-friday.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';

/** Whoever answers for an account, by a key that may manage it. */
class Buyer {
  private constructor(
    private readonly stack: TestStack,
    readonly accountId: string,
    readonly key: string,
  ) {}

  static async open(stack: TestStack, scopes = ['manage', 'account']): Promise<Buyer> {
    const { accountId } = await openBot(stack);
    return new Buyer(stack, accountId, await openAccountKey(stack, accountId, scopes));
  }

  async buy(productId: unknown, key = 'first'): Promise<Answer> {
    const headers = { 'idempotency-key': key, 'content-type': 'application/json' };
    return this.ask('/v1/purchases', { method: 'POST', headers, body: JSON.stringify({ product_id: productId }) });
  }

  async get(path: string): Promise<Answer> {
    return this.ask(path, {});
  }

  async becomes(purchaseId: string, state: string): Promise<Answer> {
    return until(
      async () => this.get(`/v1/purchases/${purchaseId}`),
      (answer) => answer.body['state'] === state,
    );
  }

  async available(): Promise<unknown> {
    return (await this.get('/v1/account/credits')).body['available'];
  }

  private async ask(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Answer> {
    const headers = { ...init.headers, authorization: `Bearer ${this.key}` };
    const response = await fetch(`${this.stack.apiUrl}${path}`, { ...init, headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  }
}

const lotOf = ({ body }: Answer): unknown => (body['lots'] as readonly { lot_id: string | null }[])[0]?.lot_id;

describe('credits that are bought', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start();
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('[E15] are there in the answer that confirms the payment, once, as bonus credits without an end', async () => {
    const buyer = await Buyer.open(stack);
    const { body: offers } = await buyer.get('/v1/offers');
    expect(offers).toMatchObject({
      data: [{ id: 'bundle_100', credits: '100.000000', price: { amount_minor: '1200', iso_4217: 'eur' } }, {}, {}],
    });
    const bought = await buyer.buy('bundle_100');
    expect([bought.status, bought.body]).toMatchObject([
      201,
      { state: 'paid', credits: '100.000000', checkout_url: null },
    ]);
    expect(await buyer.available()).toBe('100.000000');
    const { body: lots } = await buyer.get('/v1/account/credits/lots');
    expect(lots).toMatchObject({ data: [{ id: lotOf(bought), kind: 'bundle', expires_at: null }] });
    const again = await buyer.buy('bundle_100');
    expect(again.body).toEqual(bought.body);
    expect(await buyer.available()).toBe('100.000000');
    expect((await buyer.buy('bundle_500')).body).toMatchObject({ code: 'idempotency_mismatch' });
    await buyer.buy('bundle_500', 'second');
    expect(await buyer.available()).toBe('600.000000');
    const { body: list } = await buyer.get('/v1/purchases?limit=1');
    expect(list).toMatchObject({ data: [{ product_id: 'bundle_500' }], next_cursor: expect.any(String) });
    const { body: rest } = await buyer.get(`/v1/purchases?limit=1&cursor=${String(list['next_cursor'])}`);
    expect(rest).toMatchObject({ data: [{ product_id: 'bundle_100' }], next_cursor: null });
  });

  it('twenty requests of one key at the same instant are one purchase', async () => {
    const buyer = await Buyer.open(stack);
    const answers = await Promise.all(Array.from({ length: 20 }, async () => buyer.buy('bundle_100')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await buyer.available()).toBe('100.000000');
  });

  it('are refused for what is not offered, without a key, and to whoever may not buy', async () => {
    const buyer = await Buyer.open(stack);
    expect((await buyer.buy('bundle_7')).body).toMatchObject({ status: 404, code: 'product_not_found' });
    expect((await buyer.buy(7)).body).toMatchObject({ status: 422, code: 'validation_failed' });
    expect((await buyer.get('/v1/purchases/pur_none')).body).toMatchObject({ code: 'purchase_not_found' });
    const other = await Buyer.open(stack);
    const { body } = await buyer.buy('bundle_100');
    expect((await other.get(`/v1/purchases/${String(body['id'])}`)).body).toMatchObject({ code: 'purchase_not_found' });
    const reader = await Buyer.open(stack, ['account', 'read']);
    expect((await reader.buy('bundle_100')).body).toMatchObject({ status: 403, required_scope: 'manage' });
    expect(await reader.available()).toBe('0.000000');
  });

  it('takes no order where nobody takes payments', async () => {
    const closed = await TestStack.open({ worker: { PAYMENTS: 'none' } });
    try {
      await closed.startWorker();
      await closed.startApi();
      const buyer = await Buyer.open(closed);
      expect((await buyer.buy('bundle_100')).body).toMatchObject({ status: 503, part: 'payments' });
      expect(await buyer.available()).toBe('0.000000');
    } finally {
      await closed.stop();
    }
  }, 60_000);

  it('hears nothing of Stripe where it has no secret', async () => {
    const response = await fetch(`${stack.apiUrl}/v1/payments/stripe`, { method: 'POST' });
    expect(response.status).toBe(404);
  });
});

describe('credits that are bought through Stripe', () => {
  let stack: TestStack;
  let stripe: StripeServer;
  beforeAll(async () => {
    stripe = await StripeServer.start();
    stack = await TestStack.open({
      worker: {
        STRIPE_API_KEY: stripe.apiKey,
        STRIPE_BASE_URL: stripe.url,
        STRIPE_RETURN_URL: 'https://shop.test/back',
      },
      api: { STRIPE_WEBHOOK_SECRET: stripe.secret },
    });
    await stack.startWorker();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
    await stripe.close();
  }, 60_000);

  const tell = async (message: { readonly body: string; readonly headers: Readonly<Record<string, string>> }) =>
    fetch(`${stack.apiUrl}/v1/payments/stripe`, { method: 'POST', ...message });

  async function ordered(): Promise<{ readonly buyer: Buyer; readonly id: string }> {
    const buyer = await Buyer.open(stack);
    const { status, body } = await buyer.buy('bundle_100');
    const id = String(body['id']);
    expect([status, body]).toMatchObject([201, { state: 'pending', lots: [{ bot_id: null, lot_id: null }] }]);
    expect(body['checkout_url']).toBe(stripe.sessionOf(id).url);
    return { buyer, id };
  }

  async function paid(): Promise<{ readonly buyer: Buyer; readonly id: string; readonly intent: string }> {
    const { buyer, id } = await ordered();
    const session = stripe.pay(id);
    expect((await tell(stripe.message('checkout.session.completed', bodyOf(session)))).status).toBe(204);
    await buyer.becomes(id, 'paid');
    return { buyer, id, intent: session.paymentIntent };
  }

  it('are paid on its page, and there once its webhook says so, told three times or not', async () => {
    const { buyer, id } = await ordered();
    const session = stripe.pay(id);
    expect(session.amount).toBe('1200 eur');
    expect(await buyer.available()).toBe('0.000000');
    const message = stripe.message('checkout.session.completed', bodyOf(session));
    const told = await Promise.all([tell(message), tell(message), tell(message)]);
    expect(told.map(({ status }) => status)).toEqual([204, 204, 204]);
    await buyer.becomes(id, 'paid');
    expect((await tell(message)).status).toBe(204);
    expect(await buyer.available()).toBe('100.000000');
  });

  it('[edge 73] are found paid where no webhook ever comes, and so is a checkout whose answer was lost', async () => {
    const buyer = await Buyer.open(stack);
    stripe.lostAnswers = 1;
    const first = await buyer.buy('bundle_100');
    const again = await buyer.buy('bundle_100');
    expect([first.status, again.status]).toEqual([201, 201]);
    const id = String(again.body['id']);
    expect([...stripe.sessions.values()].filter(({ purchaseId }) => purchaseId === id)).toHaveLength(1);
    stripe.pay(id);
    await skipWorkflow(stack, purchaseWorkflowId(id), { by: 61_000 });
    await buyer.becomes(id, 'paid');
    expect(await buyer.available()).toBe('100.000000');
  }, 30_000);

  it('[edge 73] are found paid by a debit that took a week, where no webhook ever comes', async () => {
    const { buyer, id } = await ordered();
    const session = stripe.payLater(id);
    await skipWorkflow(stack, purchaseWorkflowId(id), { by: 7 * DAY_MS });
    expect((await buyer.get(`/v1/purchases/${id}`)).body).toMatchObject({ state: 'pending' });
    stripe.comesTo(session, 'succeeded');
    await skipWorkflow(stack, purchaseWorkflowId(id), { by: DAY_MS });
    await buyer.becomes(id, 'paid');
    expect(await buyer.available()).toBe('100.000000');
  }, 30_000);

  it('[edge 73] are given up with the page on which nobody paid, and with a debit that fails', async () => {
    const [unpaid, failing] = [await ordered(), await ordered()];
    stripe.sessionOf(unpaid.id).status = 'expired';
    const session = stripe.payLater(failing.id);
    await skipWorkflow(stack, purchaseWorkflowId(failing.id), { by: 2 * DAY_MS });
    stripe.comesTo(session, 'requires_payment_method');
    for (const { id } of [unpaid, failing]) {
      await skipWorkflow(stack, purchaseWorkflowId(id), { by: DAY_MS });
      expect(await stack.temporal.client.workflow.getHandle(purchaseWorkflowId(id)).result()).toBe('pending');
    }
  }, 30_000);

  it('are believed by the signature alone: another secret, another body or an old message change nothing', async () => {
    const { buyer, id } = await ordered();
    const { body, headers } = stripe.message('checkout.session.completed', bodyOf(stripe.pay(id)));
    const old = stripe.signed(body, Math.floor(Date.now() / 1_000) - 301);
    const bad = [
      { body: body.replace('paid', 'Paid'), headers },
      { body, headers: { ...headers, 'stripe-signature': 't=1,v1=00' } },
      { body, headers: { 'content-type': 'application/json' } },
      { body, headers: old },
    ];
    for (const message of bad) {
      const response = await tell(message);
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'signature_invalid' }]);
    }
    expect((await buyer.get(`/v1/purchases/${id}`)).body).toMatchObject({ state: 'pending' });
    expect((await tell(stripe.message('customer.created', {}))).status).toBe(204);
  });

  it('go with their payment, come back with a dispute that is won, and stay where part is paid back', async () => {
    const { buyer, id, intent } = await paid();
    const dispute = { object: 'dispute', payment_intent: intent, metadata: {} };
    expect(
      (await tell(stripe.message('charge.dispute.created', { ...dispute, status: 'needs_response' }))).status,
    ).toBe(204);
    await buyer.becomes(id, 'disputed');
    expect(await buyer.available()).toBe('0.000000');
    await tell(stripe.message('charge.dispute.closed', { ...dispute, status: 'won' }));
    await buyer.becomes(id, 'paid');
    expect(await buyer.available()).toBe('100.000000');
    const refunded = { object: 'charge', payment_intent: intent, metadata: { purchase_id: id } };
    await tell(stripe.message('charge.refunded', { ...refunded, refunded: false }));
    expect(await buyer.available()).toBe('100.000000');
    await tell(stripe.message('charge.refunded', { ...refunded, refunded: true }));
    await buyer.becomes(id, 'reversed');
    expect(await accountFacts(stack, buyer.accountId)).toMatchObject({ open: '0.000000' });
  });

  it('are never given where a dispute is told of before the payment it is about', async () => {
    const { buyer, id } = await ordered();
    const session = stripe.pay(id);
    const dispute = { object: 'dispute', payment_intent: session.paymentIntent, metadata: {}, status: 'lost' };
    expect((await tell(stripe.message('charge.dispute.closed', dispute))).status).toBe(204);
    await tell(stripe.message('checkout.session.completed', bodyOf(session)));
    await buyer.becomes(id, 'reversed');
    expect(await buyer.available()).toBe('0.000000');
  });
});
