// Goal: what was agreed with one account takes effect as a change of its subscription, and every renewal brings just
// that. Method: the real workflow, its time skipped, on a plan that is published for one account.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANNUAL, credits, customPlanOf, instant, MONTHLY, ZERO } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { publishPlan } from '@fairmeter/records';
import { openBot } from '../harness/people.js';
import { refusalOf, ScriptedPayments, Subscribed } from '../harness/subscribed.js';
import { TestStack } from '../harness/test-stack.js';

const DAY_MS = 86_400_000;

describe('a custom plan', () => {
  const payments = new ScriptedPayments();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startWorkerLike({ around: () => ({ subscriptionPayments: payments }) });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function opened(): Promise<Subscribed> {
    payments.pays = 'at_once';
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    const account = new Subscribed(stack, { kind: 'account', accountId });
    await account.open();
    return account;
  }

  /** 600 credits a month, or a year; says which plan it is. */
  async function agreed({ subject: { accountId } }: Subscribed, every = MONTHLY): Promise<string> {
    const plan = customPlanOf(
      { id: newId('cpr'), createdAt: instant(Date.now() - 60_000) },
      {
        periodAllowance: credits(600n),
        dailyAllowance: ZERO,
        creditPeriod: every,
        billingPeriod: every,
        price: { minor: 39_900n, currency: 'eur' },
        teamSeats: 12,
        features: ['by_agreement'],
        limits: {
          maxIterations: 300,
          maxConcurrentJobs: 30,
          maxContextTokens: 1_000_000,
          maxCredits: credits(500n),
          maxDeadlineMs: DAY_MS,
          models: { tiers: ['standard', 'premium'], names: [] },
          artefacts: { allowed: true, maxFiles: 100, maxBytes: 1_000_000 },
        },
      },
    );
    await stack.entities.transaction(async (tx) => publishPlan(tx, plan, accountId));
    return plan.planId;
  }

  const granted = async (account: Subscribed): Promise<readonly string[]> =>
    (await account.lots()).map((lot) => lot.granted);

  it('[E22] begins at once where nothing is paid yet, and each renewal grants what was agreed', async () => {
    const account = await opened();
    const planId = await agreed(account);
    expect(await account.change(planId)).toMatchObject({ state: 'active', plan: { planId, version: 1 } });
    expect(await account.account()).toMatchObject({ plan: planId, version: 1 });
    expect(await granted(account)).toEqual(['50.000000', '600.000000']);
    await account.skip({ by: 32 * DAY_MS });
    expect(await granted(account)).toEqual(['50.000000', '600.000000', '600.000000']);
  }, 30_000);

  it('[E22] comes with the renewal of what is paid', async () => {
    const account = await opened();
    await account.change('plan_standard');
    const planId = await agreed(account);
    expect(await account.change(planId)).toMatchObject({
      plan: { planId: 'plan_standard' },
      scheduled: { to: 'plan', planId },
      nextRenewal: { plan: { planId, version: 1 }, creditsMicroCredits: '600000000' },
    });
    expect(await granted(account)).toEqual(['50.000000', '300.000000']);
    await account.skip({ by: 32 * DAY_MS });
    expect(await granted(account)).toEqual(['50.000000', '300.000000', '600.000000']);
    expect(await account.account()).toMatchObject({ plan: planId });
  }, 30_000);

  it('[X10] [E22] of a year brings all of it at once, and nothing more before the year is over', async () => {
    const account = await opened();
    const planId = await agreed(account, ANNUAL);
    await account.change(planId);
    await account.skip({ by: 60 * DAY_MS });
    const [, year, ...more] = await account.lots();
    expect([year?.granted, more]).toEqual(['600.000000', []]);
    const lasts = Date.parse(year?.expiresAt ?? '') - Date.parse(year?.validFrom ?? '');
    expect([365, 366]).toContain(Math.round(lasts / DAY_MS));
    await account.skip({ by: 310 * DAY_MS });
    const lots = (await account.lots()).slice(1);
    expect(lots.map(({ granted, validFrom }) => [granted, validFrom])).toEqual([
      ['600.000000', year?.validFrom],
      ['600.000000', year?.expiresAt],
    ]);
  }, 30_000);

  it('[E22] is nobody else\u2019s to change to', async () => {
    const planId = await agreed(await opened());
    const other = await opened();
    expect(await refusalOf(other.change(planId))).toEqual({ code: 'plan_not_offered', planId });
    expect(await granted(other)).toEqual(['50.000000']);
  });
});
