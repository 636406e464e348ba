// Goal: what Stripe tells of a subscription's payment reaches the subscription by its key, and money that nobody waits
// for goes back by itself. Method: the running stack and a server that signs as Stripe does; most subscriptions are
// ones that nobody runs, whose signals are read from their history.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  type PaymentHeard,
  type SubscriptionPaymentAnswer,
  subscriptionWorkflowId,
} from '@fairmeter/contracts';
import type { SubscriptionSubject } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { readSubscriptionPayment, type SubscriptionPayment } from '@fairmeter/records';
import { tellPayment } from '../../apps/worker/src/tell-payment.js';
import { eventsNamed, fetchHistory } from '../harness/histories.js';
import { TestIssuer } from '../harness/signed-in.js';
import { bodyOf, intentBody, StripeServer } from '../harness/stripe-server.js';
import { Subscriber } from '../harness/subscribers.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

let stack: TestStack;
let stripe: StripeServer;
let issuer: TestIssuer;
let desk: RunningWorker['parts']['subscriptionPayments'];
beforeAll(async () => {
  [stripe, issuer] = await Promise.all([StripeServer.start(), TestIssuer.open()]);
  const settings = { STRIPE_BASE_URL: stripe.url, STRIPE_RETURN_URL: 'https://shop.test/back' };
  stack = await TestStack.open({
    worker: { STRIPE_API_KEY: stripe.apiKey, ...settings },
    api: { STRIPE_WEBHOOK_SECRET: stripe.secret, OIDC_ISSUERS: issuer.setting },
  });
  desk = (await stack.startWorker()).parts.subscriptionPayments;
  await stack.startApi();
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await Promise.all([stripe.close(), issuer.close()]);
}, 60_000);

/** A subscription that hears and does nothing: no worker asks for what is on its queue. */
async function opened(): Promise<SubscriptionSubject> {
  const subject = { kind: 'account', accountId: newId('acc') } as const;
  const waiting = { workflowId: subscriptionWorkflowId(subject), taskQueue: 'nobody', args: [] };
  await stack.temporal.client.workflow.start(ACCOUNT_SUBSCRIPTION_WORKFLOW, waiting);
  return subject;
}

/** Each by its own run, a moment after it is written down: the next is not told before it. */
async function heardOnce(subject: SubscriptionSubject, count: number): Promise<PaymentHeard[]> {
  return until(
    async () => heardBy(subject),
    (signals) => signals.length >= count,
  );
}

async function heardBy(subject: SubscriptionSubject): Promise<PaymentHeard[]> {
  const history = await fetchHistory(stack, subscriptionWorkflowId(subject));
  return eventsNamed(history, 'WORKFLOW_EXECUTION_SIGNALED').map((event) => {
    const data = event.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]?.data;
    return JSON.parse(Buffer.from(data ?? []).toString('utf8')) as PaymentHeard;
  });
}

const ask = async (
  subject: SubscriptionSubject,
  key: string,
  why: SubscriptionPayment['why'],
): Promise<SubscriptionPaymentAnswer> =>
  desk.askSubscriptionPayment({
    subject,
    key,
    why,
    plan: { planId: 'plan_free', version: 1 },
    price: { minor: '900', currency: 'eur' },
    asOf: Date.now(),
  });

async function paymentOf(subject: SubscriptionSubject, key: string): Promise<SubscriptionPayment> {
  const found = await readSubscriptionPayment(stack.entities.manager, { subject, key });
  if (found === null) throw new Error(`nothing was asked for under ${key}`);
  return found;
}

const becomes = async (subject: SubscriptionSubject, key: string, state: string): Promise<SubscriptionPayment> =>
  until(
    async () => paymentOf(subject, key),
    (payment) => payment.state === state,
  );

/** Three times at once, as whoever sends it may. */
async function tell(type: string, object: Readonly<Record<string, unknown>>): Promise<void> {
  const message = stripe.message(type, object);
  const sent = [1, 2, 3].map(async () => fetch(`${stack.apiUrl}/v1/payments/stripe`, { method: 'POST', ...message }));
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([204, 204, 204]);
}

async function paid(subject: SubscriptionSubject): Promise<void> {
  await ask(subject, 'first', 'start');
  const session = stripe.pay((await paymentOf(subject, 'first')).id);
  await tell('checkout.session.completed', bodyOf(session));
  await becomes(subject, 'first', 'paid');
  await heardOnce(subject, 1);
}

describe('a payment of a subscription', () => {
  it('is told to its subscription by its key, once for each event, and an older one changes nothing', async () => {
    const subject = await opened();
    expect(await ask(subject, 'first', 'start')).toMatchObject({ state: 'open', checkoutUrl: expect.any(String) });
    const session = stripe.sessionOf((await paymentOf(subject, 'first')).id);
    await tell('checkout.session.async_payment_failed', bodyOf(session));
    await becomes(subject, 'first', 'failed');
    await heardOnce(subject, 1);
    await tell('checkout.session.completed', bodyOf(stripe.pay(session.purchaseId)));
    await becomes(subject, 'first', 'paid');
    await heardOnce(subject, 2);
    await tell('checkout.session.expired', bodyOf(session));
    const heard = await heardOnce(subject, 3);
    expect(heard).toEqual([false, true, true].map((isPaid) => ({ key: 'first', paid: isPaid })));
  });

  it('[edge 73] that nobody waits for goes back by itself, once, and is told to nobody', async () => {
    const subject = await opened();
    await paid(subject);
    stripe.charging = 'processing';
    expect(await ask(subject, 'slow', 'renewal')).toEqual({ state: 'open', checkoutUrl: null });
    await desk.dropSubscriptionPayment({ subject, key: 'slow' });
    const intent = stripe.intents.get((await paymentOf(subject, 'slow')).paymentRef ?? '');
    if (intent === undefined) throw new Error('nothing was charged');
    intent.status = 'succeeded';
    await tell('payment_intent.succeeded', intentBody(intent));
    await becomes(subject, 'slow', 'returned');
    expect(stripe.refunds.filter((one) => one === intent.id)).toHaveLength(1);
    expect((await heardBy(subject)).map(({ key }) => key)).toEqual(['first']);
  });

  it('[edge 73] whose news never came is found by a worker, and told all the same', async () => {
    const subject = await opened();
    await ask(subject, 'first', 'start');
    const { id } = await paymentOf(subject, 'first');
    stripe.pay(id);
    await stack.entities.manager.query(
      `UPDATE records.subscription_payments SET look_at = now() - interval '1 second' WHERE id = $1`,
      [id],
    );
    await desk.lookAtPayments(async (news) => tellPayment(stack.temporal, news));
    await becomes(subject, 'first', 'paid');
    const heard = await heardOnce(subject, 1);
    expect(heard).toEqual([{ key: 'first', paid: true }]);
  });
});

describe('a plan with a price', () => {
  /** Paid on the page that was opened last, and told three times. */
  async function paysLast({ accountId }: Subscriber): Promise<void> {
    const [last] = await stack.entities.manager.query<{ id: string }[]>(
      'SELECT id FROM records.subscription_payments WHERE account_id = $1 ORDER BY id DESC LIMIT 1',
      [accountId],
    );
    await tell('checkout.session.completed', bodyOf(stripe.pay(last?.id ?? 'nothing was asked for')));
  }

  let subscriber: Subscriber;
  beforeAll(async () => {
    subscriber = await Subscriber.signUp(stack, issuer, 'pays-on-a-page');
  }, 60_000);

  interface Change {
    readonly from: string;
    readonly to: string;
    readonly before: string;
    readonly after: string;
  }

  async function isPendingUntilPaid(step: Change): Promise<void> {
    const ordered = await subscriber.changeTo(step.to);
    expect(ordered.body).toMatchObject({
      plan: { id: step.from },
      order: { state: 'pending_payment', plan: { id: step.to }, checkout_url: expect.any(String) },
    });
    expect((await subscriber.available()).subscription).toBe(step.before);
    await paysLast(subscriber);
    const paid = await until(
      async () => subscriber.standing(),
      ({ order }) => order === null,
    );
    expect([paid['plan'], (await subscriber.available()).subscription]).toMatchObject([{ id: step.to }, step.after]);
    const { data } = (await subscriber.owner.get('/v1/account/credits/lots')).body as { data: { kind: string }[] };
    expect(data.filter(({ kind }) => kind === 'subscription')).toHaveLength(1);
  }

  it('[D9] [E17] is pending until it is paid, with the old one in force, and there at once then', async () => {
    await isPendingUntilPaid({ from: 'plan_free', to: 'plan_standard', before: '50.000000', after: '300.000000' });
    await isPendingUntilPaid({ from: 'plan_standard', to: 'plan_premium', before: '300.000000', after: '1000.000000' });
  });

  it('[E21] goes on to the end of what is paid where its upgrade is charged back and it is cancelled', async () => {
    const before = await subscriber.standing();
    const [upgrade] = await stack.entities.manager.query<{ ref: string }[]>(
      `SELECT payment_ref AS ref FROM records.subscription_payments WHERE account_id = $1 AND why = 'upgrade'`,
      [subscriber.accountId],
    );
    const dispute = { id: 'dp_upgrade', object: 'dispute', payment_intent: upgrade?.ref, metadata: {} };
    await tell('charge.dispute.created', { ...dispute, status: 'needs_response' });
    await until(
      async () => subscriber.standing(),
      ({ state }) => state === 'past_due',
    );
    const { subscription: left } = await subscriber.available();
    expect((await subscriber.preview({ cancel: true })).body).toMatchObject({
      takes_effect: 'at_end_of_paid_time',
      available_change: '0.000000',
      next_renewal: { plan: { id: 'plan_free' } },
    });
    const cancelled = await subscriber.owner.once('/v1/account/subscription/cancel');
    expect([cancelled.status, cancelled.body]).toMatchObject([
      200,
      { state: 'cancel_scheduled', plan: { id: 'plan_standard' }, period: before['period'], arrears: null },
    ]);
    expect((await subscriber.available()).subscription).toBe(left);
  });
});
