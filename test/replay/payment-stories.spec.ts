// Stories to replay, of what is paid with nobody there: a plan that renews, and a bundle that is bought by itself. As
// with the others, their histories are written only when asked to: see docs/decisions/0006-replay-and-time-skipping.md.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AUTO_TOP_UP_WORKFLOW, autoTopUpWorkflowId } from '@fairmeter/contracts';
import type { Subscription, SubscriptionState } from '@fairmeter/domain';
import { subscriptionState } from '@fairmeter/domain';
import { readSubscriptionPayment, type SubscriptionPayment } from '@fairmeter/records';
import { keepStory } from '../harness/kept-stories.js';
import { openBot } from '../harness/people.js';
import { bodyOf, intentBody, StripeServer } from '../harness/stripe-server.js';
import { Subscribed } from '../harness/subscribed.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { SlowPayments, Topped } from '../harness/topped-up.js';
import { until } from '../harness/until.js';

const MINUTE_MS = 60_000;

describe('a plan that is paid, to replay', () => {
  let stripe: StripeServer;
  let stack: TestStack;
  let account: Subscribed;
  beforeAll(async () => {
    stripe = await StripeServer.start();
    const settings = { STRIPE_BASE_URL: stripe.url, STRIPE_RETURN_URL: 'https://shop.test/back' };
    stack = await TestStack.start({
      worker: { STRIPE_API_KEY: stripe.apiKey, ...settings },
      api: { STRIPE_WEBHOOK_SECRET: stripe.secret },
    });
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    account = new Subscribed(stack, { kind: 'account', accountId }, { zone: 'Europe/Berlin', planId: 'plan_free' });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await stripe.close();
  }, 60_000);

  async function tell(type: string, object: Readonly<Record<string, unknown>>): Promise<void> {
    const message = stripe.message(type, object);
    expect((await fetch(`${stack.apiUrl}/v1/payments/stripe`, { method: 'POST', ...message })).status).toBe(204);
  }

  async function payment(key: string): Promise<SubscriptionPayment> {
    const found = await readSubscriptionPayment(stack.entities.manager, { subject: account.subject, key });
    if (found === null) throw new Error(`nothing was asked for under ${key}`);
    return found;
  }

  /** As it is kept once a step is done. */
  const comesTo = async (state: SubscriptionState): Promise<Subscription> =>
    until(
      () => account.remembered(),
      (kept) => subscriptionState(kept) === state,
    );

  /** And past the hour behind it, by the end of which a period that has begun is written down. */
  async function pastItsEnd(): Promise<void> {
    const { current } = await comesTo('active');
    await account.skip({ to: (current?.period.end ?? 0) + 61 * MINUTE_MS });
  }

  it('renewed: charged at once, then by a debit that takes until after the boundary', async () => {
    await account.open();
    const { order } = await account.change('plan_standard');
    await tell('checkout.session.completed', bodyOf(stripe.pay((await payment(order?.payment.key ?? '')).id)));
    await pastItsEnd();
    stripe.charging = 'processing';
    await pastItsEnd();
    const { arrears } = await comesTo('past_due');
    const intent = stripe.intents.get((await payment(arrears?.payment.key ?? '')).paymentRef ?? '');
    if (intent === undefined) throw new Error('nothing was charged');
    intent.status = 'succeeded';
    await tell('payment_intent.succeeded', intentBody(intent));
    await comesTo('active');
    const granted = (await account.lots()).map((lot) => lot.granted);
    expect(granted).toEqual(['50.000000', '300.000000', '300.000000', '300.000000']);
    expect(await account.account()).toEqual({ plan: 'plan_standard', version: 1, status: 'active' });
    await account.close();
    await keepStory(stack, 'renewed', { workflowId: account.workflowId, workflow: account.workflow });
  }, 60_000);
});

describe('bundles that are bought by themselves, to replay', () => {
  const slow = new SlowPayments();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open({ payments: slow });
    // Nobody but its owner says that somebody should look: there is one run, and it is the story.
    await stack.startWorkerLike({ wakes: false });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function begun(says: SlowPayments['says']): Promise<string> {
    slow.says = says;
    slow.charged.length = 0;
    const account = await Topped.open(stack, '19');
    expect((await account.set()).status).toBe(200);
    return autoTopUpWorkflowId(account.bot.accountId);
  }

  const bought = async (workflowId: string): Promise<unknown> =>
    stack.temporal.client.workflow.getHandle(workflowId).result();

  it.each([
    ['bought', 'paid', 1],
    ['declined', 'closed', 0],
  ] as const)('%s: its payment is %s', async (name, says, count) => {
    const workflowId = await begun(says);
    expect(await bought(workflowId)).toBe(count);
    await keepStory(stack, name, { workflow: AUTO_TOP_UP_WORKFLOW, workflowId });
  });

  it('late: its payment is on its way, and looked at a minute later', async () => {
    const workflowId = await begun('open');
    await until(
      async () => slow.charged.length,
      (charged) => charged > 0,
    );
    slow.says = 'paid';
    await skipWorkflow(stack, workflowId, { by: MINUTE_MS + 1_000 });
    expect(await bought(workflowId)).toBe(1);
    await keepStory(stack, 'late', { workflow: AUTO_TOP_UP_WORKFLOW, workflowId });
  }, 30_000);
});
