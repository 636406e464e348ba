// Goal: a bundle is bought by itself where too little is left: once, never beyond its cap, and not again after a
// payment that failed. Method: the running stack, its dispatcher and the built-in provider, or one that declines.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JOBS_QUEUE } from '@fairmeter/contracts';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Mood, Topped, TOPPED } from '../harness/topped-up.js';
import { pause, until } from '../harness/until.js';

/** Longer than the dispatcher and a workflow need to do what they would do. */
const LONG_ENOUGH_MS = 1_500;

/** Its credits are there a moment before its order is closed. */
const settled = async (account: Topped): Promise<Readonly<Record<string, unknown>>> =>
  until(
    async () => account.standing(),
    ({ state }) => state !== 'paying',
  );

describe('a bundle that is bought by itself', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('is switched off until it is set, and set by whoever may manage the account, in the audit', async () => {
    const account = await Topped.open(stack, '50');
    expect(await account.standing()).toMatchObject({ enabled: false, state: 'off', threshold: null });
    expect(await account.set()).toMatchObject({
      status: 200,
      body: { ...TOPPED, state: 'ready', spent_this_month: { amount_minor: '0', iso_4217: 'eur' } },
    });
    expect((await account.set({ enabled: false })).body).toMatchObject({ enabled: false, state: 'off' });
    expect(await account.actions()).toEqual(['account_key auto_top_up.set', 'account_key auto_top_up.set']);
    expect((await account.set({ product_id: 'bundle_7' })).body).toMatchObject({ code: 'product_not_found' });
    for (const wrong of [{ threshold: '0' }, { monthly_cap: { amount_minor: '1199', iso_4217: 'eur' } }]) {
      expect((await account.set(wrong)).body).toMatchObject({ code: 'validation_failed' });
    }
    expect((await account.set({ monthly_cap: { amount_minor: '9999', iso_4217: 'usd' } })).status).toBe(422);
    expect(await account.bought()).toEqual([]);
  });

  it('[E15] is bought at once where too little is left already, once, with its credits for good', async () => {
    const account = await Topped.open(stack, '19');
    await account.set();
    await until(
      async () => account.available(),
      (available) => available === '119.000000',
    );
    await Promise.all([account.nudge(), account.set(), account.nudge()]);
    await pause(LONG_ENOUGH_MS);
    expect(await settled(account)).toMatchObject({ state: 'ready', spent_this_month: { amount_minor: '1200' } });
    expect(await account.bought()).toMatchObject([{ state: 'paid', automatic: true, product_id: 'bundle_100' }]);
    expect(await account.actions()).toEqual([
      'account_key auto_top_up.set',
      'platform purchase.ordered',
      'account_key auto_top_up.set',
    ]);
  }, 30_000);

  it('is bought once by a storm of jobs that cross the threshold together', async () => {
    const account = await Topped.open(stack, '40');
    // The cap would allow two, and no storm of this size could need the second.
    await account.set({ product_id: 'bundle_500', monthly_cap: { amount_minor: '11000', iso_4217: 'eur' } });
    await account.jobs(15);
    await until(
      async () => account.available(),
      (available) => available === '513.000000',
    );
    await pause(LONG_ENOUGH_MS);
    expect(await account.bought()).toMatchObject([{ state: 'paid', automatic: true }]);
    expect(await account.available()).toBe('513.000000');
  }, 60_000);

  it('is bought no more than its cap allows in a month', async () => {
    const account = await Topped.open(stack, '1');
    await account.set({ threshold: '500', monthly_cap: { amount_minor: '2400', iso_4217: 'eur' } });
    await until(
      async () => account.standing(),
      ({ state }) => state === 'cap_reached',
    );
    await until(
      async () => account.available(),
      (available) => available === '201.000000',
    );
    await account.nudge();
    await pause(LONG_ENOUGH_MS);
    expect(await account.available()).toBe('201.000000');
    expect(await account.bought()).toHaveLength(2);
  }, 30_000);

  it('[D13] lets a request in that was refused before, with nobody buying', async () => {
    const account = await Topped.open(stack, '0.05');
    await account.set({ threshold: '0.01' });
    const refused = await account.submit('refused');
    expect(refused.body).toMatchObject({ status: 402, code: 'credits_exhausted' });
    await account.set({ threshold: '1' });
    const admitted = await until(
      async () => account.submit('refused'),
      ({ status }) => status === 202,
    );
    await new BotClient(stack, account.bot).ended(String(admitted.body['id']));
    expect(await account.bought()).toHaveLength(1);
  }, 30_000);

  it('is not bought for an account that is not active', async () => {
    const account = await Topped.open(stack, '50');
    await account.set();
    await stack.entities.manager.query(`UPDATE records.accounts SET status = 'past_due' WHERE id = $1`, [
      account.bot.accountId,
    ]);
    expect(await account.standing()).toMatchObject({ state: 'account_not_active' });
    await account.set({ threshold: '100' });
    await account.nudge();
    await pause(LONG_ENOUGH_MS);
    expect(await account.bought()).toEqual([]);
  }, 30_000);

  it('is bought no more once one of them was sent back, until it is set anew', async () => {
    const account = await Topped.open(stack, '19');
    await account.set();
    await until(
      async () => account.available(),
      (available) => available === '119.000000',
    );
    const [first] = await account.bought();
    await stack.temporal.client.workflow.execute('paymentEvent', {
      workflowId: `payment/test/${String(first?.['id'])}`,
      taskQueue: JOBS_QUEUE,
      args: [{ provider: 'test', eventId: String(first?.['id']), news: 'reversed', purchaseId: first?.['id'] }],
    });
    await until(
      async () => account.available(),
      (available) => available === '19.000000',
    );
    await pause(LONG_ENOUGH_MS);
    expect(await settled(account)).toMatchObject({ state: 'taken_back' });
    expect(await account.bought()).toHaveLength(1);
    await account.set();
    await until(
      async () => account.available(),
      (available) => available === '119.000000',
    );
  }, 30_000);
});

describe('a bundle that is bought while answers are lost', () => {
  let stack: TestStack;
  const lost = new Set<string>();
  const mood = new Mood();
  mood.declines = false;
  /** Done, and the first time nobody hears of it. */
  const unheard = async <T>(name: string, done: Promise<T>): Promise<T> => {
    const answer = await done;
    if (lost.has(name)) return answer;
    lost.add(name);
    throw new Error(`the answer of ${name} was lost`);
  };
  beforeAll(async () => {
    stack = await TestStack.open({ models: threeSteps().port, payments: mood.payments });
    await stack.startWorkerLike({
      around: ({ autoTopUps }) => ({
        autoTopUps: {
          beginTopUp: async (input) => unheard('order', autoTopUps.beginTopUp(input)),
          endTopUp: async (ended) => unheard('end', autoTopUps.endTopUp(ended)),
        },
      }),
    });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('is ordered, paid and booked once', async () => {
    const account = await Topped.open(stack, '19');
    await account.set();
    // What was written down is read a moment before whoever wrote it hears that it is.
    await until(
      async () => ({ standing: await account.standing(), unheard: [...lost].sort().join() }),
      ({ standing: { state, spent_this_month: spent }, unheard }) =>
        state === 'ready' && JSON.stringify(spent).includes('1200') && unheard === 'end,order',
    );
    expect(await account.bought()).toMatchObject([{ state: 'paid' }]);
    expect(new Set(mood.asked).size).toBe(1);
    expect(await account.available()).toBe('119.000000');
  }, 30_000);
});

describe('a bundle whose payment is declined', () => {
  let stack: TestStack;
  const mood = new Mood();
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port, payments: mood.payments });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('is not tried again until its owner acts or a day has passed', async () => {
    const account = await Topped.open(stack, '60');
    await account.set({ threshold: '59' });
    await account.jobs(2);
    const failed = await until(
      async () => account.standing(),
      ({ state }) => state === 'payment_failed',
    );
    expect(Date.parse(String(failed['tries_again_at']))).toBeGreaterThan(Date.now() + 86_000_000);
    await account.jobs(2, 'later');
    await account.nudge();
    await pause(LONG_ENOUGH_MS);
    expect(mood.asked).toHaveLength(1);
    expect(await account.actions()).toEqual([
      'account_key auto_top_up.set',
      'platform purchase.ordered',
      'platform auto_top_up.payment_failed',
    ]);
    // What was not paid does not count against the cap.
    expect(failed).toMatchObject({ spent_this_month: { amount_minor: '0' } });
    await stack.entities.manager.query(
      `UPDATE records.auto_top_ups SET failed_at = failed_at - interval '1 day' WHERE account_id = $1`,
      [account.bot.accountId],
    );
    mood.declines = false;
    await account.jobs(1, 'next day');
    await until(
      async () => account.available(),
      (available) => available === '151.000000',
    );
    const standing = await settled(account);
    expect((await account.bought()).filter(({ state }) => state === 'paid')).toHaveLength(1);
    expect(standing).toMatchObject({ state: 'ready', tries_again_at: null });
  }, 60_000);
});
