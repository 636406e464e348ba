// Goal: what an account is shown of its credits agrees everywhere, says when each kind changes next, and suggests what
// would help. Method: the running stack; every block of a dashboard beside what else the API says of the same.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { quoteBody } from '../../apps/api/src/quotes/quote-body.js';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { creditsOf } from '../harness/orders.js';
import { giveCredits, type LotWish } from '../harness/people.js';
import { publishShippedPlans } from '../harness/published-plans.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Owner } from './account-client.js';
import { PostedJobs, turn } from './posted-jobs.js';

const DAY_MS = 86_400_000;
const sum = (amounts: readonly unknown[]): bigint =>
  amounts.reduce<bigint>((all, one) => all + creditsOf(String(one)), 0n);

describe('what an account is shown of its credits', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    await publishShippedPlans(stack);
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  interface Account {
    readonly owner: Owner;
    readonly client: OwnerClient;
    readonly give: (lot: LotWish) => Promise<unknown>;
    readonly buy: (key: string, product?: string) => Promise<Answer>;
  }

  async function open(plan: 'plan_free' | 'plan_standard' | 'plan_premium' = 'plan_standard'): Promise<Account> {
    const owner = await Owner.open(stack, { plan });
    const client = await OwnerClient.open(stack, owner.accountId);
    return {
      owner,
      client,
      give: async (lot) => giveCredits(stack, owner.accountId, lot),
      buy: async (key, product = 'bundle_100') =>
        client.call('POST', '/v1/purchases', { key, body: { product_id: product } }),
    };
  }

  async function used({ owner }: Account, key = 'first'): Promise<string> {
    const submitted = await owner.jobs.submit({ key });
    const id = String(submitted.body['id']);
    expect((await owner.jobs.ended(id)).body).toMatchObject({ state: 'completed' });
    return id;
  }

  const ends = (inMs: number) => ({ expiresAt: instant(Date.now() + inMs) });

  it('[E13] [E43] is five blocks, each equal to the lots and the ledger behind it, with its next change', async () => {
    const account = await open();
    const { owner } = account;
    await account.give({ credits: '5', kind: 'daily', ...ends(DAY_MS / 2) });
    await account.give({ credits: '300', kind: 'subscription', ...ends(20 * DAY_MS) });
    await account.give({ credits: '7', kind: 'bonus_promo', ...ends(3 * DAY_MS) });
    await account.give({ credits: '30', kind: 'bundle' });
    await used(account);
    const figures = await owner.credits();
    const lots = await owner.lots();
    const openOf = (...kinds: readonly string[]): bigint =>
      sum(lots.filter(({ kind }) => kinds.includes(String(kind))).map(({ open: left }) => left));
    const endOf = (kind: string): unknown => lots.find((lot) => lot['kind'] === kind)?.['expires_at'];
    const block = (name: string) => figures[name] as Readonly<Record<string, unknown>>;
    expect(creditsOf(String(figures['total']))).toBe(sum(lots.map(({ open: left }) => left)));
    expect(creditsOf(String(block('daily')['available']))).toBe(openOf('daily'));
    expect(creditsOf(String(block('subscription')['available']))).toBe(openOf('subscription'));
    expect(creditsOf(String(block('bonus')['total']))).toBe(openOf('bonus_promo', 'bundle'));
    expect(figures).toMatchObject({
      total: '340.200000',
      daily: { available: '3.200000', next_reset_at: endOf('daily') },
      subscription: { available: '300.000000', period_end: endOf('subscription') },
      bonus: { total: '37.000000', expires_at: endOf('bonus_promo'), expiring: '7.000000' },
    });
    const { total } = (await owner.get('usage')).body as { total: { net: string } };
    const entries = await owner.all('ledger?limit=50');
    const charged = entries.filter(({ movement }) => movement === 'charged').map(({ amount }) => amount);
    expect([total.net, sum(charged)]).toEqual(['1.800000', creditsOf('1.8')]);
  });

  it('[D5] is one number at one instant in side bar, account page and panel, and in the end of a job', async () => {
    const account = await open();
    const { owner, client } = account;
    await account.give({ credits: '100' });
    const jobId = await used(account);
    const page = await owner.credits();
    const bar = await owner.follow();
    const { figures } = await bar.until(() => true);
    bar.close();
    const panel = (await client.call('GET', `/v1/bots/${owner.bot.botId}/quality`)).body['credits'];
    const told = (of: unknown) => {
      const { available, entry_seq: seq } = of as { available: unknown; entry_seq: unknown };
      return { available, seq };
    };
    expect([told(figures), told(panel)]).toEqual([told(page), told(page)]);
    const events = await fetch(`${stack.apiUrl}/v1/jobs/${jobId}/events`, {
      headers: { authorization: `Bearer ${owner.key}` },
    });
    expect((await events.text()).split('event: job.ended')[1]).toContain(`"available":"${String(page['available'])}"`);
  });

  it('[E16] suggests a bundle near the end of a period of which little is left', async () => {
    const account = await open();
    const hints = async () => (await account.client.call('GET', '/v1/account/credits/hints')).body;
    const end = Date.now() + 5 * DAY_MS;
    await account.give({ credits: '2', kind: 'subscription', expiresAt: instant(end) });
    expect(await hints()).toMatchObject({ period_end: new Date(end).toISOString(), data: [] });
    await used(account);
    expect(await hints()).toMatchObject({
      data: [
        { code: 'bundle_before_renewal', measure: 'period_spent_percent', figure: 90, from: 80, link: '/v1/offers' },
      ],
    });
  });

  it('[E16] suggests a bundle where a day takes far more than those before it, and not once it lasts', async () => {
    const jobs = await PostedJobs.open(stack, { plan: 'plan_standard', credits: '0.1' });
    // Days to come, since nothing is written down for days that are over.
    const start = Date.now() + DAY_MS;
    const day = (number: number) => instant(start + number * DAY_MS);
    const { accountId } = jobs.bot;
    const client = await OwnerClient.open(stack, accountId);
    const hints = async () => (await client.call('GET', '/v1/account/credits/hints')).body;
    await giveCredits(stack, accountId, { credits: '10', validFrom: day(0), expiresAt: day(30) });
    await jobs.play({ steps: [turn(), turn()], asOf: day(7) });
    expect(await hints()).toMatchObject({ period_end: new Date(day(30)).toISOString(), data: [] });
    // 0.6 credits in a day, after 1.2 in the week before it: at 0.6 a day the 8.3 that are left last for 14 of 20 days.
    await jobs.play({ steps: [turn()], asOf: day(10) });
    expect(await hints()).toMatchObject({
      as_of: new Date(day(10)).toISOString(),
      data: [
        {
          code: 'bundle_for_spike',
          measure: 'last_day_percent_of_average',
          figure: 350,
          from: 300,
          link: '/v1/offers',
          text: expect.stringContaining('A bundle does not expire.') as unknown,
        },
      ],
    });
    const bought = await client.call('POST', '/v1/purchases', { body: { product_id: 'bundle_100' } });
    expect(bought.body).toMatchObject({ state: 'paid' });
    expect(await hints()).toMatchObject({ data: [] });
  });

  it('[E16] suggests a bundle for a project that is expected to cost more than there is', async () => {
    const account = await open();
    const quote = async (): Promise<readonly string[]> => {
      const body = { prompt: 'Write a word counter', bot_id: account.owner.bot.botId };
      const answer = await account.client.call('POST', '/v1/quotes', { body });
      return quoteBody.parse(answer.body).hints.map(({ code }) => code);
    };
    expect(await quote()).toEqual(['bundle_for_project']);
    await account.buy('bundle');
    // Asked once more, it is one that was asked before.
    expect(await quote()).toEqual(['review_first']);
  });

  it('[E44] shows with the second bundle of a period that the next tier costs less for a credit', async () => {
    const account = await open('plan_standard');
    await account.give({ credits: '300', kind: 'subscription', ...ends(20 * DAY_MS) });
    expect(await account.buy('one')).toMatchObject({ status: 201, body: { state: 'paid', hints: [] } });
    const second = await account.buy('two');
    expect(second.body['hints']).toMatchObject([
      {
        code: 'upgrade_cheaper',
        bundle: { minor_per_credit: '12.000000', iso_4217: 'eur' },
        plan: { plan_id: 'plan_premium', minor_per_credit: '8.900000', iso_4217: 'eur' },
      },
    ]);
    expect((await account.buy('two')).body).toEqual(second.body);
    expect((await account.buy('one')).body).toMatchObject({ hints: [] });
    // In a period that has begun since, it is the first again.
    const next = await open('plan_standard');
    await next.buy('old one');
    await stack.entities.manager.query(
      `UPDATE records.purchases SET created_at = created_at - interval '31 days' WHERE account_id = $1`,
      [next.owner.accountId],
    );
    expect((await next.buy('new one')).body).toMatchObject({ hints: [] });
  });

  it('[E44] says nothing of it on the top tier', async () => {
    const account = await open();
    await stack.entities.manager.query(`UPDATE records.accounts SET plan_id = 'plan_business' WHERE id = $1`, [
      account.owner.accountId,
    ]);
    await account.buy('one');
    expect((await account.buy('two')).body).toMatchObject({ state: 'paid', hints: [] });
  });
});
