// What people ask of an account's plan, on the real server: opened once, changed at once or at the end of what is paid,
// taken back, not paid, closed. Time is skipped for the workflow alone.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MONTHLY } from '@fairmeter/domain';
import { closeAccount, publishPlan } from '@fairmeter/records';
import { eventNames, fetchHistory } from '../harness/histories.js';
import { keepStory } from '../harness/kept-stories.js';
import { creditsOf, planVersionFor } from '../harness/orders.js';
import { openBot } from '../harness/people.js';
import { refusalOf, ScriptedPayments, Subscribed } from '../harness/subscribed.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe('the subscription of an account', () => {
  const payments = new ScriptedPayments();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startWorkerLike({ around: () => ({ subscriptionPayments: payments }) });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function newAccount(planId = 'plan_free'): Promise<Subscribed> {
    payments.pays = 'at_once';
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    return new Subscribed(stack, { kind: 'account', accountId }, { zone: 'Europe/Berlin', planId });
  }

  /** On its plan for ten days. */
  async function tenDaysOn(planId: string): Promise<Subscribed> {
    const account = await newAccount();
    await account.open();
    await account.change(planId);
    await account.skip({ by: 10 * DAY_MS });
    return account;
  }

  const granted = async (account: Subscribed): Promise<readonly string[]> =>
    (await account.lots()).map((lot) => lot.granted);

  it('[F15] is one, with one lot and one news, however many open it at once', async () => {
    const account = await newAccount();
    const told = await Promise.all(Array.from({ length: 8 }, () => account.open()));
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(told[0]).toMatchObject({ state: 'free', plan: { planId: 'plan_free', version: 1 }, order: null });
    expect(await granted(account)).toEqual(['50.000000']);
    expect(await account.news()).toEqual(['plan_changed']);
    expect(await account.account()).toEqual({ plan: 'plan_free', version: 1, status: 'active' });
    expect((await account.open()).period).toEqual(told[0]?.period);
  });

  it('[E17] [E18] is in full from a first payment on, and prorated within what is paid', async () => {
    const account = await tenDaysOn('plan_standard');
    const [free, standard] = await account.lots();
    expect(free).toMatchObject({ granted: '50.000000', open: '0.000000' });
    expect(standard).toMatchObject({ granted: '300.000000', open: '300.000000' });
    const told = await account.change('plan_premium');
    const { current } = await account.remembered();
    const whole = (current?.period.end ?? 0) - (current?.period.start ?? 0);
    // Ten days and some seconds of the month are gone.
    const tenths = Math.ceil((7_000 * (whole - 10 * DAY_MS)) / whole);
    const growth = Number((await granted(account)).at(-1)) - 300;
    expect(Math.abs(growth * 10 - tenths)).toBeLessThanOrEqual(1);
    expect(told).toMatchObject({ state: 'active', plan: { planId: 'plan_premium' }, order: null });
    expect(told.nextRenewal).toMatchObject({ creditsMicroCredits: '1000000000', price: { minor: '8900' } });
    expect(await account.account()).toMatchObject({ plan: 'plan_premium', status: 'active' });
    expect(payments.asked.at(-1)).toMatchObject({ why: 'upgrade', subject: account.subject });
  }, 30_000);

  it('[E21] goes down and ends when what is paid ends, unless that is undone before', async () => {
    const account = await tenDaysOn('plan_standard');
    expect(await account.cancel()).toMatchObject({ state: 'cancel_scheduled', scheduled: { to: 'end' } });
    expect(await account.undo()).toMatchObject({ state: 'active', scheduled: null });
    const ending = await account.cancel();
    expect(await account.account()).toEqual({ plan: 'plan_standard', version: 1, status: 'active' });
    expect((await granted(account)).at(-1)).toBe('300.000000');
    const end = ending.period?.end ?? 0;
    await account.skip({ to: end + MINUTE_MS });
    expect(await account.account()).toEqual({ plan: 'plan_free', version: 1, status: 'active' });
    const [, paid, free] = await account.lots();
    expect([paid?.expiresAt, free?.validFrom]).toEqual([new Date(end).toISOString(), new Date(end).toISOString()]);
    expect([paid?.open, free?.granted]).toEqual(['0.000000', '50.000000']);
    expect(await account.news()).toEqual([
      ...['plan_changed', 'plan_changed', 'end_scheduled', 'change_undone', 'end_scheduled', 'plan_changed'],
    ]);
    await account.close();
    await keepStory(stack, 'cancelled', { workflowId: account.workflowId, workflow: account.workflow });
  }, 60_000);

  it('[edge 35] refuses what its state alone refuses, and writes nothing of it', async () => {
    const account = await newAccount();
    const { period } = await account.open();
    const before = eventNames(await fetchHistory(stack, account.workflowId)).length;
    expect(await refusalOf(account.undo())).toEqual({ code: 'change_without_effect', why: 'nothing_pending' });
    expect(await refusalOf(account.cancel())).toEqual({ code: 'change_without_effect', why: 'nothing_paid' });
    expect(await refusalOf(account.change('plan_standard', (period?.start ?? 0) - 1))).toEqual({
      code: 'preview_stale',
      periodStart: period?.start,
    });
    expect(eventNames(await fetchHistory(stack, account.workflowId))).toHaveLength(before);
    expect(await refusalOf(account.change('plan_nowhere'))).toMatchObject({ code: 'plan_not_offered' });
    expect(await refusalOf(account.change('plan_free'))).toMatchObject({ why: 'same_plan' });
    expect(await refusalOf(account.moveTo('Mars/Olympus'))).toMatchObject({ code: 'time_zone_invalid' });
    expect(await account.change('plan_standard', period?.start)).toMatchObject({ state: 'active' });
  });

  it('[F15] [D13] is in its new period for all who wish something, before it has woken for that', async () => {
    const account = await tenDaysOn('plan_standard');
    const { current } = await account.remembered();
    const [start, end] = [current?.period.start ?? 0, current?.period.end ?? 0];
    // A minute behind the boundary nobody is woken who has all of the new period already.
    await account.skip({ to: end + MINUTE_MS });
    expect((await account.remembered()).current?.period.start).toBe(start);
    expect((await account.lots()).at(-1)).toMatchObject({ validFrom: new Date(end).toISOString(), open: '300.000000' });
    expect(await refusalOf(account.change('plan_premium', start))).toEqual({ code: 'preview_stale', periodStart: end });
    const told = await account.change('plan_premium', end);
    expect(told).toMatchObject({ state: 'active', plan: { planId: 'plan_premium' }, period: { start: end } });
    expect(Number((await granted(account)).at(-1))).toBeGreaterThan(999);
  }, 30_000);

  it('[edge 38] waits for a late payment, and gives the whole amount for the rest of the period', async () => {
    const account = await tenDaysOn('plan_standard');
    payments.pays = 'by_hand';
    const end = (await account.remembered()).current?.period.end ?? 0;
    await account.skip({ to: end + MINUTE_MS });
    expect(await account.account()).toEqual({ plan: 'plan_standard', version: 1, status: 'past_due' });
    expect(await granted(account)).toEqual(['50.000000', '300.000000']);
    await account.hear(payments.open, false);
    await account.skip({ to: end + 3 * DAY_MS });
    await account.hear(payments.open, true);
    await account.hear(payments.open, true);
    const lots = await until(
      () => account.lots(),
      ({ length }) => length === 3,
    );
    const { current } = await account.remembered();
    expect(lots[2]).toMatchObject({ granted: '300.000000', open: '300.000000' });
    expect(lots[2]?.expiresAt).toBe(new Date(current?.period.end ?? 0).toISOString());
    expect(current?.period.start).toBe(end);
    const late = Date.parse(lots[2]?.validFrom ?? '') - (end + 3 * DAY_MS);
    expect(late).toBeGreaterThanOrEqual(-1_000);
    expect(late).toBeLessThan(MINUTE_MS);
    await until(
      () => account.account(),
      ({ status }) => status === 'active',
    );
    // Told after what it tells of.
    const news = await until(
      async () => (await account.news()).slice(2),
      ({ length }) => length === 3,
    );
    expect(news).toEqual(['past_due', 'payment_failed', 'paid_after_all']);
  }, 60_000);

  it('leaves the plan as it is while an order is open, and gives it up where it is not paid', async () => {
    const account = await newAccount();
    await account.open();
    payments.pays = 'by_hand';
    const ordered = await account.change('plan_standard');
    expect(ordered).toMatchObject({ state: 'free', order: { plan: { planId: 'plan_standard' } } });
    expect(ordered.order?.payment.key).toBe(payments.open);
    expect(await account.account()).toMatchObject({ plan: 'plan_free' });
    expect(await account.undo()).toMatchObject({ state: 'free', order: null });
    expect(payments.dropped).toContain(payments.open);
    payments.pays = 'never';
    expect(await account.change('plan_standard')).toMatchObject({ state: 'free', order: null });
    expect(await granted(account)).toEqual(['50.000000']);
  });

  it('[E22] goes to a plan that was agreed with it at its renewal, and to nobody else\u2019s', async () => {
    const [account, other] = [await newAccount(), await newAccount()];
    const plan = planVersionFor(
      { id: 'plan_agreed', name: 'agreed' },
      { periodAllowance: creditsOf('5000'), billingPeriod: MONTHLY, price: { minor: 39_900n, currency: 'eur' } },
    );
    await stack.entities.transaction((tx) => publishPlan(tx, plan, account.subject.accountId));
    for (const one of [account, other]) await one.open();
    for (const one of [account, other]) await one.change('plan_standard');
    expect(await refusalOf(other.change('plan_agreed'))).toEqual({ code: 'plan_not_offered', planId: 'plan_agreed' });
    const told = await account.change('plan_agreed');
    expect(told.scheduled).toEqual({ to: 'plan', planId: 'plan_agreed' });
    expect(told.nextRenewal).toMatchObject({ at: told.period?.end, creditsMicroCredits: '5000000000' });
  });

  it('tells who wished what in the account\u2019s audit', async () => {
    const account = await newAccount();
    await account.open();
    await account.change('plan_standard');
    await account.moveTo('Asia/Tokyo');
    const lines = await stack.entities.manager.query<unknown[]>(
      `SELECT actor_id, action, before ->> $2 AS was, after ->> $2 AS is FROM records.audit
       WHERE account_id = $1 ORDER BY id`,
      [account.subject.accountId, 'plan'],
    );
    expect(lines).toEqual([
      { actor_id: 'usr_owner', action: 'subscription.plan_changed', was: 'plan_free', is: 'plan_free' },
      { actor_id: 'usr_owner', action: 'subscription.zone_changed', was: 'plan_standard', is: 'plan_standard' },
    ]);
  });

  it('begins with no plan that is not offered, and asks again as if nothing had been', async () => {
    const account = await newAccount('plan_nowhere');
    expect(await refusalOf(account.open())).toEqual({ code: 'plan_not_offered', planId: 'plan_nowhere' });
    await account.handle.result();
    const now = new Subscribed(stack, account.subject);
    expect(await now.open()).toMatchObject({ state: 'free' });
  });

  it('[edge 70] ends with what it hears next where nobody told it that its account is closed', async () => {
    const account = await newAccount();
    await account.open();
    payments.pays = 'by_hand';
    await account.change('plan_standard');
    const { open } = payments;
    await closeAccount(stack.entities.manager, account.subject.accountId);
    await account.hear(open, true);
    await account.handle.result();
    expect([payments.dropped.includes(open), await granted(account)]).toEqual([true, ['50.000000']]);
    expect(await account.news()).toEqual(['plan_changed', 'ended']);
  });

  it('[edge 70] ends with its account, and begins no more', async () => {
    const account = await newAccount();
    await account.open();
    await account.change('plan_standard');
    await account.close();
    expect((await account.news()).at(-1)).toBe('ended');
    await keepStory(stack, 'closed', { workflowId: account.workflowId, workflow: account.workflow });
    await closeAccount(stack.entities.manager, account.subject.accountId);
    expect(await refusalOf(account.open())).toEqual({ code: 'account_not_active', status: 'closed' });
  });
});
