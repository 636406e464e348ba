// Goal: a bundle whose payment takes days stays the one under way: charged once, within its cap, and paid back where
// its account is closed by then. Method: the running stack and a provider that answers late, or never.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JOBS_QUEUE } from '@fairmeter/contracts';
import { expectLedgerHolds } from '../harness/audit.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { SlowPayments, Topped } from '../harness/topped-up.js';
import { pause, until } from '../harness/until.js';

/** Longer than the dispatcher and a workflow need to do what they would do. */
const LONG_ENOUGH_MS = 1_500;

describe('a bundle whose payment takes days', () => {
  let stack: TestStack;
  const slow = new SlowPayments();
  const stateIs = async (account: Topped, state: string): Promise<unknown> =>
    until(
      async () => account.standing(),
      (standing) => standing['state'] === state,
    );
  const onItsWay = async (says: SlowPayments['says']): Promise<Topped> => {
    slow.says = says;
    slow.charged.length = 0;
    const account = await Topped.open(stack, '19');
    await account.set({ monthly_cap: { amount_minor: '1200', iso_4217: 'eur' } });
    await stateIs(account, 'paying');
    await until(
      async () => slow.charged.length,
      (charged) => charged > 0,
    );
    return account;
  };
  const closed = async ({ bot }: Topped): Promise<void> => {
    await stack.entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [bot.accountId]);
  };
  const isSentBack = async ({ bot }: Topped): Promise<void> => {
    await until(
      async () =>
        stack.entities.manager.query<{ state: string }[]>('SELECT state FROM records.purchases WHERE account_id = $1', [
          bot.accountId,
        ]),
      ([bought]) => bought?.state === 'reversed',
    );
    expect(slow.sentBack).toEqual(slow.charged.slice(0, 1));
    slow.sentBack.length = 0;
  };
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port, payments: slow });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('is the one under way until it is paid, charged once and within the cap', async () => {
    const account = await onItsWay('open');
    for (const later of [1, 2]) {
      await account.nudge();
      await pause(LONG_ENOUGH_MS);
      const spent = { amount_minor: '1200' };
      expect([later, await account.standing()]).toMatchObject([later, { state: 'paying', spent_this_month: spent }]);
    }
    slow.says = 'paid';
    await account.nudge();
    await stateIs(account, 'cap_reached');
    expect(await account.available()).toBe('119.000000');
    expect(slow.charged).toHaveLength(1);
  }, 30_000);

  it('is free again once it is declined', async () => {
    const account = await onItsWay('open');
    slow.says = 'closed';
    await account.nudge();
    await stateIs(account, 'payment_failed');
    expect(await account.standing()).toMatchObject({ spent_this_month: { amount_minor: '0' } });
    slow.says = 'paid';
    await account.set();
    await stateIs(account, 'ready');
    await until(
      async () => account.available(),
      (available) => available === '119.000000',
    );
    expect(new Set(slow.charged).size).toBe(2);
  }, 30_000);

  it('[edge 70] goes back where the account was closed before it was paid', async () => {
    const account = await onItsWay('open');
    await closed(account);
    slow.says = 'paid';
    await account.nudge();
    await isSentBack(account);
  }, 30_000);

  it('goes back also where a webhook alone ever told that it was paid', async () => {
    const account = await onItsWay('nothing');
    await closed(account);
    const [purchaseId] = slow.charged;
    await stack.temporal.client.workflow.execute('paymentEvent', {
      workflowId: `payment/test/${String(purchaseId)}`,
      taskQueue: JOBS_QUEUE,
      args: [{ provider: 'test', eventId: purchaseId, news: 'paid', purchaseId, paymentRef: 'slow_paid' }],
    });
    await isSentBack(account);
    slow.says = 'paid';
  }, 30_000);
});
