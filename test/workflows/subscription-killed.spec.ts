// Goal: a subscription's worker that is killed between a posting and the end of its task takes nothing with it: whoever
// takes over does what was decided, at the instant at which it was decided. Method: a worker process, killed when the
// credits are there and what is remembered of them is not yet written.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubscriptionTold } from '@fairmeter/contracts';
import { withClient } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import { openBot } from '../harness/people.js';
import { ScriptedPayments, Subscribed } from '../harness/subscribed.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { WorkerProcess } from '../harness/worker-process.js';

const MINUTE_MS = 60_000;
const USAGE = { input: 1, cachedInput: 0, cacheWrite: 0, output: 1, reasoning: 0 };
/** A worker wants one; no model is asked for anything here. */
const SCRIPT = {
  version: 1,
  scripts: [{ name: 'idle', when: { promptIncludes: 'idle' }, steps: { 1: [{ text: 'idle', usage: USAGE }] } }],
};

/** No step after which a subscription is paid for is written down while somebody holds this lock. */
const KEPT_LOCK = 7_105_068;
const STALL = `
CREATE FUNCTION records.test_stall() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(${KEPT_LOCK});
  RETURN NEW;
END $$;
CREATE TRIGGER test_stall BEFORE INSERT OR UPDATE ON records.subscriptions FOR EACH ROW
  WHEN (NEW.state = 'active') EXECUTE FUNCTION records.test_stall();
`;

describe('a subscription whose worker is killed between its posting and the end of its task', () => {
  const payments = new ScriptedPayments();
  let stack: TestStack;
  let first: Subscribed;
  let late: Subscribed;
  let ended: Subscribed;
  let told: SubscriptionTold | undefined;

  async function newAccount(): Promise<Subscribed> {
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    const account = new Subscribed(stack, { kind: 'account', accountId });
    await account.open();
    return account;
  }

  /** Its second period has begun and is not paid; answers under which key it is waited for. */
  async function owing(account: Subscribed): Promise<string> {
    await account.change('plan_standard');
    payments.pays = 'by_hand';
    const end = (await account.remembered()).current?.period.end ?? 0;
    await account.skip({ to: end + MINUTE_MS });
    expect(await account.account()).toMatchObject({ status: 'past_due' });
    return payments.open;
  }

  /** Resolves when the worker is dead; all of them wait for another one. */
  async function killedOver(asking: () => Promise<void>): Promise<void> {
    await withClient(stack.database.ownerUrl, async (client) => {
      await client.query('SELECT pg_advisory_lock($1)', [KEPT_LOCK]);
      const dying = await WorkerProcess.start(stack, SCRIPT, { PAYMENTS: 'demo' });
      await asking();
      await until(
        async () => Promise.all([first, ended, late].map(async (one) => (await one.lots()).length)),
        (lots) => lots.join() === '2,2,3',
      );
      await dying.kill();
    });
  }

  beforeAll(async () => {
    stack = await TestStack.open();
    await withClient(stack.database.ownerUrl, (client) => client.query(STALL));
    const worker = await stack.startWorkerLike({ around: () => ({ subscriptionPayments: payments }) });
    [first, ended, late] = [await newAccount(), await newAccount(), await newAccount()];
    const key = await owing(late);
    await worker.stop();
    const wishes: Promise<SubscriptionTold>[] = [];
    await killedOver(async () => {
      wishes.push(first.change('plan_standard'));
      ended.change('plan_standard').catch(() => undefined);
      await late.hear(key, true);
    });
    await ended.handle.terminate('an operator\u2019s mistake');
    await stack.startWorkerLike({});
    await ended.open();
    // The server gives a task up after ten seconds: only then does anybody take it over.
    [told] = await Promise.all(wishes);
    // Of each, what is remembered last.
    await until(
      async () => Promise.all([ended.remembered(), late.remembered()]),
      ([changed, paid]) => changed.current?.plan.planId === 'plan_standard' && paid.arrears === null,
      30_000,
    );
  }, 120_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('[F15] has its first paid period once, and tells of it once', async () => {
    expect(told).toMatchObject({ state: 'active', plan: { planId: 'plan_standard' }, order: null });
    const lots = await first.lots();
    expect(lots.map(({ granted }) => granted)).toEqual(['50.000000', '300.000000']);
    expect(lots[1]?.validFrom).toBe(new Date(told?.period?.start ?? 0).toISOString());
    expect(await first.news()).toEqual(['plan_changed', 'plan_changed']);
  });

  it('[F15] has it once where its run was ended by hand as well, and another one went on', async () => {
    expect((await ended.lots()).map(({ granted }) => granted)).toEqual(['50.000000', '300.000000']);
    expect(await ended.news()).toEqual(['plan_changed', 'plan_changed']);
    expect(await ended.account()).toMatchObject({ plan: 'plan_standard', status: 'active' });
  });

  it('[F15] [edge 38] has what was paid late once, in full, and is active again', async () => {
    expect(await late.account()).toMatchObject({ status: 'active' });
    const [, , paidLate] = await late.lots();
    const { current, arrears } = await late.remembered();
    expect(arrears).toBeNull();
    expect(current?.lot?.source).toBe(paidLate?.source);
    expect(paidLate).toMatchObject({ granted: '300.000000', open: '300.000000' });
    expect(await late.lots()).toHaveLength(3);
    expect((await late.news()).slice(2)).toEqual(['past_due', 'paid_after_all']);
  });
});
