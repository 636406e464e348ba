// Stories to replay, of purchases: paid at once, looked after, given up with their buyer, told of and sent back. As
// with the others, their histories are written only when asked to: see docs/decisions/0006-replay-and-time-skipping.md.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PaymentEvent } from '@fairmeter/contracts';
import {
  JOBS_QUEUE,
  PAYMENT_EVENT_WORKFLOW,
  paymentEventWorkflowId,
  PURCHASE_REVERSAL_WORKFLOW,
  PURCHASE_WORKFLOW,
  purchaseReversalWorkflowId,
  purchaseWorkflowId,
} from '@fairmeter/contracts';
import { keepStory } from '../harness/kept-stories.js';
import { DAY_MS } from '../harness/next-friday.js';
import { Shop } from '../harness/shop.js';
import { StripeServer } from '../harness/stripe-server.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { VISITOR_ENV } from '../harness/visitors.js';

describe('stories of purchases to replay', () => {
  let stack: TestStack;
  let stripe: StripeServer;
  let shop: Shop;
  beforeAll(async () => {
    stripe = await StripeServer.start();
    const settings = { STRIPE_BASE_URL: stripe.url, STRIPE_RETURN_URL: 'https://shop.test/back' };
    stack = await TestStack.open({
      worker: { STRIPE_API_KEY: stripe.apiKey, ...settings },
      api: { ...VISITOR_ENV, STRIPE_WEBHOOK_SECRET: stripe.secret },
    });
    await stack.startWorker();
    await stack.startApi();
    shop = await Shop.open(stack);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await stripe.close();
  }, 60_000);

  const keepPurchase = async (name: string, id: string): Promise<void> =>
    keepStory(stack, name, { workflow: PURCHASE_WORKFLOW, workflowId: purchaseWorkflowId(id) });

  /** As Stripe tells it, and what the workflow of that event answers. */
  async function told(event: Omit<PaymentEvent, 'provider'>): Promise<string> {
    const whole: PaymentEvent = { provider: 'stripe', ...event };
    const workflowId = paymentEventWorkflowId(whole);
    const { workflow } = stack.temporal.client;
    await workflow.execute(PAYMENT_EVENT_WORKFLOW, { workflowId, taskQueue: JOBS_QUEUE, args: [whole] });
    return workflowId;
  }

  async function paid(): Promise<{ readonly id: string; readonly event: Omit<PaymentEvent, 'provider'> }> {
    const { id } = await shop.ordered();
    const { paymentIntent } = stripe.pay(id);
    return { id, event: { eventId: `evt_${id}`, news: 'paid', purchaseId: id, paymentRef: paymentIntent } };
  }

  async function reversed(purchaseId: string): Promise<{ readonly workflowId: string; readonly answer: unknown }> {
    const workflowId = purchaseReversalWorkflowId(purchaseId);
    const actor = { role: 'support', id: 'usr_story' };
    const asked = { purchaseId, accountId: shop.accountId, actor, reasonRef: 'txt_story', requestId: 'req_story' };
    const { workflow } = stack.temporal.client;
    const started = { workflowId, taskQueue: JOBS_QUEUE, args: [asked] };
    return { workflowId, answer: await workflow.execute(PURCHASE_REVERSAL_WORKFLOW, started) };
  }

  it('looked at: no webhook comes, and a minute later it is found paid', async () => {
    const { id } = await paid();
    await skipWorkflow(stack, purchaseWorkflowId(id), { by: 61_000 });
    await keepPurchase('looked-at', id);
  }, 30_000);

  it('slow: a debit is under way for a week, and is found paid by nobody\u2019s news', async () => {
    const { id } = await shop.ordered();
    const session = stripe.payLater(id);
    await skipWorkflow(stack, purchaseWorkflowId(id), { by: 7 * DAY_MS });
    stripe.comesTo(session, 'succeeded');
    await skipWorkflow(stack, purchaseWorkflowId(id), { by: DAY_MS });
    await keepPurchase('slow', id);
  }, 30_000);

  it('ended: its buyer goes, and the checkout is closed', async () => {
    const { shopper, id } = await shop.ordered();
    expect((await shopper.call('DELETE', '/v1/me')).status).toBe(200);
    await keepPurchase('ended', id);
  }, 30_000);

  it('paid, sent back and unknown: events of payments', async () => {
    const keep = async (name: string, workflowId: string): Promise<void> =>
      keepStory(stack, name, { workflow: PAYMENT_EVENT_WORKFLOW, workflowId });
    await keep('paid', await told((await paid()).event));
    const late = await paid();
    await stack.entities.manager.query(
      `UPDATE records.visitors SET deleted_at = now(), ref_hash = NULL
       WHERE id = (SELECT buyer_id FROM records.purchases WHERE id = $1)`,
      [late.id],
    );
    await keep('sent-back', await told(late.event));
    await keep('unknown', await told({ eventId: 'evt_nobody', news: 'disputed', paymentRef: 'pi_nobody' }));
  }, 30_000);

  it('reversed, refused and standing: what staff ask for', async () => {
    const keep = async (name: string, workflowId: string): Promise<void> =>
      keepStory(stack, name, { workflow: PURCHASE_REVERSAL_WORKFLOW, workflowId });
    for (const [name, outcome] of [
      ['reversed', 'reversed'],
      ['refused', 'provider_refused'],
    ] as const) {
      const { id, event } = await paid();
      await told(event);
      if (name === 'refused') stripe.disputed.add(event.paymentRef ?? '');
      const { workflowId, answer } = await reversed(id);
      expect(answer).toEqual({ outcome });
      await keep(name, workflowId);
    }
    const pending = await reversed((await shop.ordered()).id);
    expect(pending.answer).toEqual({ outcome: 'stands', state: 'pending' });
    await keep('stands', pending.workflowId);
  }, 30_000);

  it('at once: where the built-in provider takes the payment', async () => {
    const demo = await TestStack.start({ api: { ...VISITOR_ENV } });
    try {
      const { id } = await (await Shop.open(demo)).ordered();
      await keepStory(demo, 'at-once', { workflow: PURCHASE_WORKFLOW, workflowId: purchaseWorkflowId(id) });
    } finally {
      await demo.stop();
    }
  }, 60_000);
});
