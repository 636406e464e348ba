// Goal: whatever stops, a period has one lot and the subscription goes on. Method: plans of seconds in real time, a
// worker that dies where it hurts, none at all across a boundary, and a second workflow for the same account.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdvanceInput, EffectsInput, SubscriptionActivities, SubscriptionTold } from '@fairmeter/contracts';
import { isForPort, stepOf } from '@fairmeter/contracts';
import type { PlanVersion } from '@fairmeter/domain';
import { accountScope, decisionAt, instant, seconds, USUAL_SUBSCRIPTION_POLICY } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { publishPlan } from '@fairmeter/records';
import { expectLedgerHolds } from '../harness/audit.js';
import { fetchHistory, localActivitiesOf, runsOf } from '../harness/histories.js';
import { admitOrder, botTerms, creditsOf, planVersionFor } from '../harness/orders.js';
import { openBot } from '../harness/people.js';
import { Subscribed } from '../harness/subscribed.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';

const planOf = (every: number): PlanVersion =>
  planVersionFor(
    { id: `plan_every_${every}`, name: `every ${every} s` },
    { custom: false, tier: 9, creditPeriod: seconds(every), periodAllowance: creditsOf('10') },
  );

/** Decided, and only the first of its effects done. */
async function doHalf(
  activities: SubscriptionActivities,
  { carryOutFor: subject, ...input }: AdvanceInput,
): Promise<void> {
  const advanced = await activities.advanceSubscription(input);
  if (advanced.outcome === 'refused' || advanced.decided === undefined || subject === undefined) return;
  const effects = advanced.effects.slice(0, 1).filter((effect) => !isForPort(effect));
  const { keep: _, ...step } = stepOf(advanced.decided, advanced);
  await activities.applySubscription({ subject, ...step, from: 0, effects, keep: null });
}

describe('a subscription whose processes stop', () => {
  let stack: TestStack;
  let worker: RunningWorker;
  beforeAll(async () => {
    stack = await TestStack.open();
    for (const every of [2, 3, 8]) {
      await stack.entities.transaction((tx) => publishPlan(tx, planOf(every)));
    }
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  async function newAccount(every: number): Promise<Subscribed> {
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    const planId = `plan_every_${every}`;
    return new Subscribed(stack, { kind: 'account', accountId }, { zone: 'UTC', planId });
  }

  /** Of 8 s, and decided three seconds before its end or earlier: so long its worker has to stop. */
  async function decidedEarly(): Promise<Subscribed> {
    const period = { from: 0, until: 1, start: instant(0), end: instant(8_000) };
    for (;;) {
      const account = await newAccount(8);
      if (period.end - decisionAt(account.subject, period, USUAL_SUBSCRIPTION_POLICY) >= 3_000) return account;
    }
  }

  const isFullChain = (lots: Awaited<ReturnType<Subscribed['lots']>>): void => {
    expect(lots.slice(1).filter((lot, index) => lots[index]?.expiresAt !== lot.validFrom)).toEqual([]);
    expect(new Set(lots.map(({ granted }) => granted))).toEqual(new Set(['10.000000']));
  };

  /** With its next period decided, and every worker stopped before that begins; a slow machine may take some tries. */
  async function leftBeforeItsEnd(): Promise<{ readonly account: Subscribed; readonly end: number }> {
    for (let tries = 1; tries <= 3; tries += 1) {
      worker = await stack.startWorkerLike({});
      const account = await decidedEarly();
      await account.open();
      const { current } = await until(
        () => account.remembered(),
        ({ ahead }) => ahead !== null,
      );
      await worker.stop();
      const end = current?.period.end ?? 0;
      if (Date.now() < end) return { account, end };
      await account.handle.terminate('stopped too late');
    }
    throw new Error('no worker stopped before the end of a period');
  }

  it('[F15] has its next period\u2019s credits a moment after the boundary, with every worker stopped', async () => {
    const { account, end } = await leftBeforeItsEnd();
    await pause(end + 200 - Date.now());
    const { accountId } = account.subject;
    const [jobId, botId] = [newId('job'), newId('bot')];
    // Nothing of the old period can pay any more: what is held comes of the new one.
    const order = admitOrder(jobId, { bot: botTerms({ accountId, botId }), scopeId: accountScope(accountId) });
    const admitted = await stack.jobs.admit(accountId, instant(Date.now()), order);
    expect(admitted).toMatchObject({ ok: true, value: { result: { outcome: 'admitted' } } });
    worker = await stack.startWorkerLike({});
    const lots = await until(
      () => account.lots(),
      ({ length }) => length >= 3,
    );
    isFullChain(lots);
    // Decided, done and kept in one: what ten thousand of them cost at one instant hangs on it.
    const asked = localActivitiesOf(await fetchHistory(stack, account.workflowId));
    expect(new Set(asked)).toEqual(new Set(['openSubscription', 'advanceSubscription']));
    await worker.stop();
    await account.handle.terminate('seen enough');
  }, 60_000);

  it('[F17] books each period that it missed, and only the present one is spendable', async () => {
    worker = await stack.startWorkerLike({});
    const account = await newAccount(2);
    await account.open();
    await worker.stop();
    await pause(7_000);
    worker = await stack.startWorkerLike({});
    // Of one period: where the next one begins between the two questions, they are asked again.
    const { current, lots } = await until(
      async () => ({ current: (await account.remembered()).current, lots: await account.lots() }),
      (known) => (known.current?.period.end ?? 0) > Date.now(),
    );
    expect(lots.length).toBeGreaterThanOrEqual(4);
    isFullChain(lots);
    const now = current?.period.start ?? 0;
    const missed = lots.filter(({ expiresAt }) => Date.parse(expiresAt) <= now);
    expect(new Set(missed.map(({ open }) => open))).toEqual(new Set(['0.000000']));
    expect(lots.filter(({ validFrom }) => Date.parse(validFrom) === now)).toMatchObject([{ open: '10.000000' }]);
    await worker.stop();
    await account.handle.terminate('seen enough');
  }, 60_000);

  it('[F15] does a step again that its worker did and never told', async () => {
    let lost = 0;
    worker = await stack.startWorkerLike({
      around: ({ subscriptionActivities }) => ({
        subscriptionActivities: {
          advanceSubscription: async (
            input: AdvanceInput,
          ): ReturnType<SubscriptionActivities['advanceSubscription']> => {
            lost += 1;
            if (lost % 4 === 1) await doHalf(subscriptionActivities, input);
            else if (lost % 2 === 0) return subscriptionActivities.advanceSubscription(input);
            else await subscriptionActivities.advanceSubscription(input);
            throw new Error('the worker is gone');
          },
        },
      }),
    });
    const account = await newAccount(3);
    await account.open();
    const lots = await until(
      () => account.lots(),
      ({ length }) => length >= 4,
    );
    isFullChain(lots);
    expect(lost).toBeGreaterThan(4);
    expect((await account.news()).filter((news) => news === 'plan_changed')).toHaveLength(1);
    await account.handle.terminate('seen enough');
    await worker.stop();
  }, 60_000);

  describe('whose paid plan was begun, and nobody heard of it', () => {
    const applied: EffectsInput[] = [];
    let account: Subscribed;
    let apply: SubscriptionActivities['applySubscription'];
    let told: SubscriptionTold;
    beforeAll(async () => {
      worker = await stack.startWorkerLike({
        around: ({ subscriptionActivities }) => {
          apply = async (input) => subscriptionActivities.applySubscription(input);
          return {
            subscriptionActivities: {
              // Decided alone: what follows of it is asked for by itself, as it is where there is much of it.
              advanceSubscription: async ({ carryOutFor: _, ...input }: AdvanceInput) =>
                subscriptionActivities.advanceSubscription(input),
              applySubscription: async (input: EffectsInput): Promise<void> => {
                await apply(input);
                const isFirst = applied.every((before) => nameOf(before) !== nameOf(input));
                applied.push(input);
                if (isFirst) throw new Error('the answer was lost');
              },
            },
          };
        },
      });
      const { accountId } = await openBot(stack, { plan: 'plan_free' });
      account = new Subscribed(stack, { kind: 'account', accountId });
      await account.open();
      told = await account.change('plan_standard');
    }, 60_000);
    afterAll(async () => {
      await account.handle.terminate('seen enough');
      await worker.stop();
    }, 60_000);

    const nameOf = ({ stepKey, from, keep }: EffectsInput): string => `${stepKey}/${from}/${keep !== null}`;

    async function made(): Promise<Readonly<Record<string, unknown>>> {
      const rows = async (sql: string, value: string = account.subject.accountId): Promise<unknown> =>
        stack.entities.manager.query(sql, [value]);
      return {
        lots: (await account.lots()).map(({ granted, open }) => [granted, open]),
        payments: await rows('SELECT why, state FROM records.subscription_payments WHERE account_id = $1'),
        paidLots: await rows(`SELECT l.state FROM records.subscription_payment_lots l
          JOIN records.subscription_payments p ON p.id = l.payment_id WHERE p.account_id = $1`),
        audit: await rows('SELECT action FROM records.audit WHERE account_id = $1'),
        grants: await rows(
          `SELECT e.amount::text FROM ledger.entries e JOIN ledger.lots l ON l.id = e.lot_id
           WHERE e.scope_id = $1 AND e.from_account LIKE 'issued:%' AND l.kind = 'subscription' ORDER BY e.scope_seq`,
          account.scopeId,
        ),
        news: await account.news(),
        plan: await account.account(),
      };
    }

    it('[F15] [F19] has one lot, one payment and one line in the audit, and the same answer', async () => {
      const names = applied.map(nameOf);
      expect(new Set(names).size).toBe(names.length / 2);
      expect(told).toMatchObject({ state: 'active', plan: { planId: 'plan_standard' }, order: null });
      expect(await account.open()).toEqual(told);
      const once = await made();
      expect(once).toMatchObject({
        lots: [
          ['50.000000', '0.000000'],
          ['300.000000', '300.000000'],
        ],
        payments: [{ why: 'start', state: 'paid' }],
        paidLots: [{ state: 'given' }],
        audit: [{ action: 'subscription.plan_changed' }],
        grants: [{ amount: '50000000' }, { amount: '300000000' }],
        plan: { plan: 'plan_standard', status: 'active' },
      });
      // And once more, by a worker that wakes up late.
      const paid = applied.at(-1)?.stepKey;
      for (const input of applied.filter(({ stepKey }) => stepKey === paid)) await apply(input);
      expect(await made()).toEqual(once);
    });
  });

  it('[F15] goes on where its run was lost, and beside a twin', async () => {
    worker = await stack.startWorkerLike({});
    const account = await newAccount(3);
    const { period } = await account.open();
    await account.handle.terminate('an operator\u2019s mistake');
    await account.open();
    const twin = `twin/${account.workflowId}`;
    await account.open(twin);
    const lots = await until(
      () => account.lots(),
      ({ length }) => length >= 4,
    );
    isFullChain(lots);
    expect(Date.parse(lots[0]?.validFrom ?? '')).toBe(period?.start);
    await stack.temporal.client.workflow.getHandle(twin).terminate('seen enough');
    await account.handle.terminate('seen enough');
    await worker.stop();
  }, 60_000);

  it('[F16] loses no wish where one run goes on in the next', async () => {
    worker = await stack.startWorkerLike({});
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    const account = new Subscribed(stack, { kind: 'account', accountId });
    await account.open();
    const zones = ['Asia/Tokyo', 'Europe/Berlin', 'UTC', 'America/Havana'];
    const wishing = zones.map(async (zone) => {
      for (let wished = 0; wished < 20; wished += 1) await account.moveTo(zone);
    });
    await Promise.all(wishing);
    const [{ count } = { count: 0 }] = await stack.entities.manager.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM records.audit WHERE account_id = $1 AND action = 'subscription.zone_changed'`,
      [accountId],
    );
    expect(count).toBe(80);
    expect((await account.remembered()).current?.plan.planId).toBe('plan_free');
    expect(await account.lots()).toHaveLength(1);
    // Visibility follows the histories by a moment.
    await until(
      async () => runsOf(stack, account.workflowId),
      ({ length }) => length > 1,
    );
    await account.handle.terminate('seen enough');
    await worker.stop();
  }, 60_000);
});
