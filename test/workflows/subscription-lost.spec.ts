// Goal: a subscription whose run was lost is found and goes on, and nothing that was told meanwhile is lost with it.
// Method: runs that are ended by hand on the real server, payments as Stripe tells them, the sweep as workers have it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlanVersion } from '@fairmeter/domain';
import { seconds, subjectId } from '@fairmeter/domain';
import { publishPlan, readSubscriptionPayment } from '@fairmeter/records';
import { beginLostSubscription, tellReckoned } from '../../apps/worker/src/begin-subscription.js';
import { tellPayment } from '../../apps/worker/src/tell-payment.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { runsOf } from '../harness/histories.js';
import { creditsOf, planVersionFor } from '../harness/orders.js';
import { openBot } from '../harness/people.js';
import { StripeServer } from '../harness/stripe-server.js';
import { Subscribed } from '../harness/subscribed.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const EVERY_TWO_SECONDS: PlanVersion = planVersionFor(
  { id: 'plan_every_2', name: 'every 2 s' },
  { custom: false, tier: 9, creditPeriod: seconds(2), periodAllowance: creditsOf('10') },
);

describe('a subscription whose run was lost', () => {
  let stack: TestStack;
  let stripe: StripeServer;
  let parts: RunningWorker['parts'];
  beforeAll(async () => {
    stripe = await StripeServer.start();
    const settings = { STRIPE_BASE_URL: stripe.url, STRIPE_RETURN_URL: 'https://shop.test/back' };
    stack = await TestStack.open({ worker: { STRIPE_API_KEY: stripe.apiKey, ...settings } });
    parts = (await stack.startWorker()).parts;
    await stack.entities.transaction((tx) => publishPlan(tx, EVERY_TWO_SECONDS));
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
    await stripe.close();
  }, 60_000);

  async function newAccount(planId = 'plan_free'): Promise<Subscribed> {
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    const account = new Subscribed(stack, { kind: 'account', accountId }, { zone: 'UTC', planId });
    await account.open();
    return account;
  }

  const sweep = async (): Promise<number> =>
    parts.beginLostSubscriptions(async (lost) => beginLostSubscription(stack.temporal, lost));

  /** As if it had been due to wake an hour ago, and nothing had been seen of it. */
  async function isOverdue({ subject }: Subscribed): Promise<void> {
    await stack.entities.manager.query(
      `UPDATE records.subscriptions SET look_at = clock_timestamp() - interval '1 second' WHERE subject_id = $1`,
      [subject.accountId],
    );
  }

  async function stepped({ subject }: Subscribed): Promise<{ readonly steps: number; readonly rules: string | null }> {
    const [row] = await stack.entities.manager.query<{ steps: number; rules: string | null }[]>(
      'SELECT steps, zone_rules AS rules FROM records.subscriptions WHERE subject_id = $1',
      [subject.accountId],
    );
    if (row === undefined) throw new Error('it is not remembered');
    return row;
  }

  /** How long after it was to wake somebody sees to it that it runs. */
  async function patienceWith({ subject }: Subscribed): Promise<unknown> {
    return stack.entities.manager.query(
      'SELECT (look_at - wake_at)::text AS patience FROM records.subscriptions WHERE subject_id = $1',
      [subject.accountId],
    );
  }

  async function isPaid({ subject }: Subscribed, key: string): Promise<void> {
    const asked = await readSubscriptionPayment(stack.entities.manager, { subject, key });
    const id = asked?.id ?? '';
    const { paymentIntent: paymentRef } = stripe.pay(id);
    const event = { provider: 'stripe', eventId: `evt_${id}`, news: 'paid', subscriptionPaymentId: id } as const;
    await tellPayment(stack.temporal, { ...event, paymentRef });
  }

  it('[F16] begins anew, and asks once more for the payment that was told to nobody', async () => {
    const account = await newAccount();
    const { order } = await account.change('plan_standard');
    await account.handle.terminate('an operator\u2019s mistake');
    await isPaid(account, order?.payment.key ?? '');
    // Its next wake is a month away: it is looked for since it could not be told.
    await until(sweep, (begun) => begun === 1);
    // Remembered last, when all that follows of the change is done.
    await until(
      () => account.remembered(),
      ({ current }) => current?.plan.planId === 'plan_standard',
    );
    expect((await account.lots()).map(({ granted }) => granted)).toEqual(['50.000000', '300.000000']);
    expect(await account.news()).toEqual(['plan_changed', 'plan_changed']);
    expect(await sweep()).toBe(0);
  });

  describe('while its periods went by', () => {
    let early: readonly unknown[];
    let overdue: number;
    let lots: Awaited<ReturnType<Subscribed['lots']>>;
    // Two periods have to end, which takes a few seconds.
    beforeAll(async () => {
      const account = await newAccount('plan_every_2');
      const { length: before } = await account.lots();
      await account.handle.terminate('an operator\u2019s mistake');
      early = [await sweep(), await patienceWith(account)];
      // A step that was under way when its run was ended may still be written down: then it is due later again.
      overdue = await until(
        async () => {
          await isOverdue(account);
          return sweep();
        },
        (begun) => begun > 0,
      );
      lots = await until(
        () => account.lots(),
        ({ length }) => length > before + 1,
      );
      await account.handle.terminate('seen enough');
    }, 60_000);

    it('[F17] is found an hour after it was to wake, and books each period that it missed', () => {
      expect(early).toEqual([0, [{ patience: '01:00:00' }]]);
      expect(overdue).toBe(1);
      expect(lots.slice(1).filter((lot, index) => lots[index]?.expiresAt !== lot.validFrom)).toEqual([]);
    });
  });

  it('[edge 70] ends where its account was closed meanwhile', async () => {
    const account = await newAccount();
    await account.handle.terminate('an operator\u2019s mistake');
    await stack.entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [
      account.subject.accountId,
    ]);
    await isOverdue(account);
    expect(await sweep()).toBe(1);
    await until(
      () => account.news(),
      (news) => news.at(-1) === 'ended',
    );
    await account.handle.result();
    expect(await sweep()).toBe(0);
  });

  it('[edge 12] reckons anew what a time-zone release has moved, and leaves what was announced', async () => {
    const account = await newAccount();
    const { order } = await account.change('plan_standard_annual');
    await isPaid(account, order?.payment.key ?? '');
    // What admissions go by stands a moment before the step is remembered.
    const { steps: before } = await until(
      () => stepped(account),
      ({ rules }) => rules !== null,
    );
    const tell = async (release?: string): Promise<number> =>
      parts.tellReckonedSubscriptions(async (one) => tellReckoned(stack.temporal, one), release);
    expect(await tell()).toBe(0);
    // As if this process had come with a later release, and the year had been reckoned by an earlier one.
    expect([await tell('9999z'), await tell('9999z')]).toEqual([1, 0]);
    const after = await until(
      () => stepped(account),
      ({ steps }) => steps > before,
    );
    expect(after).toEqual({ steps: before + 1, rules: '9999z' });
    expect(await account.lots()).toHaveLength(2);
  });

  it('[F17] is begun although another one that was lost cannot be', async () => {
    const [broken, sound] = [await newAccount(), await newAccount()];
    for (const account of [broken, sound]) {
      await account.handle.terminate('an operator\u2019s mistake');
      await isOverdue(account);
    }
    const begun: string[] = [];
    const sweepAll = parts.beginLostSubscriptions(async (lost) => {
      const id = subjectId(lost.subject);
      if (id === broken.subject.accountId) throw new Error('it never begins');
      await beginLostSubscription(stack.temporal, lost);
      begun.push(id);
    });
    await expect(sweepAll).rejects.toThrow('1 of 2 could not be begun');
    expect(begun).toEqual([sound.subject.accountId]);
    // It has a turn again some seconds later.
    expect(await sweep()).toBe(0);
    await isOverdue(broken);
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
  });

  it('[edge 12] is told of a time-zone release although another one cannot be', async () => {
    const accounts = [await newAccount(), await newAccount()];
    const ids = accounts.map(({ subject }) => subject.accountId).sort();
    // As if a year of each had been reckoned by an earlier release than any.
    await stack.entities.manager.query(
      `UPDATE records.subscriptions SET zone_rules = '2000a' WHERE subject_id = ANY ($1)`,
      [ids],
    );
    const told: string[] = [];
    const tell = async (broken?: string): Promise<number> =>
      parts.tellReckonedSubscriptions(async ({ subject }) => {
        if (subjectId(subject) === broken) throw new Error('it hears nothing');
        told.push(subjectId(subject));
      }, '2000b');
    await expect(tell(ids[0])).rejects.toThrow('1 of 2 could not be begun');
    expect(told).toEqual([ids[1]]);
    expect([await tell(), await tell()]).toEqual([1, 0]);
    expect(told).toEqual([ids[1], ids[0]]);
  });

  it('[F15] is left alone where it runs, and looked at again an hour later', async () => {
    const account = await newAccount();
    // Visibility follows the history by a moment.
    const runs = await until(
      async () => runsOf(stack, account.workflowId),
      ({ length }) => length > 0,
    );
    await isOverdue(account);
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect(await runsOf(stack, account.workflowId)).toEqual(runs);
    expect(await account.lots()).toHaveLength(1);
  });
});
