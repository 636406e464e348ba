// Goal: a bot that begins to sell offers what is bought once; plans come when its owner opts them in. Method: an owner
// and visitors on the real stack.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import { findPlanOfBot, recordsEntities } from '@fairmeter/records';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot } from '../harness/people.js';
import { Shop } from '../harness/shop.js';
import { TestStack } from '../harness/test-stack.js';
import { VISITOR_ENV } from '../harness/visitors.js';

let stack: TestStack;
let shop: Shop;
let path: string;

beforeAll(async () => {
  stack = await TestStack.start({ api: { ...VISITOR_ENV } });
  shop = await Shop.open(stack);
  path = `/v1/bots/${shop.bot.botId}/offers`;
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

const idsOf = (list: unknown): unknown[] => (list as { id: string }[]).map(({ id }) => id);
const set = async (plans: readonly string[], owner = shop.owner): Promise<unknown[]> => {
  const { status, body } = await owner.call('PUT', path, { body: { plans } });
  return [status, body['code'] ?? idsOf(body['plans'])];
};
const plansOfVisitor = async (bot = shop.bot): Promise<unknown[]> => {
  const ann = await shop.visitor('ann', bot);
  return (await ann.call('GET', '/v1/me/offers')).body['plans'] as unknown[];
};
const selling = async (planId: string): Promise<unknown> => {
  const reader = await TenantDatabase.open({
    url: stack.database.readerUrl,
    maxConnections: 1,
    entities: recordsEntities,
    applicationName: 'test-offers',
  });
  try {
    const { id: subject } = (await shop.visitor('ann')).visitor;
    const tenant = { accountId: shop.accountId, subject };
    const at = instant(Date.now());
    const plan = await reader.asTenant(tenant, async (tx) => findPlanOfBot(tx, { botId: shop.bot.botId, planId }, at));
    return plan === null ? null : [plan.planId, plan.price?.minor];
  } finally {
    await reader.close();
  }
};

describe('what a bot offers', () => {
  it('[B21] is one-off packs from the beginning, and no plan until its owner opts one in', async () => {
    const before = await shop.owner.call('GET', path);
    expect(before.body).toEqual({ bot_id: shop.bot.botId, one_off: { active: true, packs: [] }, plans: [] });
    const pack = await shop.offer({ allowances: { [shop.bot.botId]: '10' } });
    const made = await shop.owner.call('GET', path);
    expect(made.body).toMatchObject({ one_off: { active: true, packs: [{ id: pack.body['id'] }] }, plans: [] });
    const ann = await shop.visitor('ann');
    const offers = await ann.call('GET', '/v1/me/offers');
    expect([idsOf(offers.body['packs']), offers.body['plans']]).toEqual([[pack.body['product_id']], []]);
    expect(await selling('plan_visitor')).toBeNull();
  });

  it('[B21, B12] has the plans that were opted in, at their price, and loses those that were opted out', async () => {
    expect(await set(['plan_visitor_plus', 'plan_visitor'])).toEqual([200, ['plan_visitor', 'plan_visitor_plus']]);
    expect(await plansOfVisitor()).toEqual([
      {
        id: 'plan_visitor',
        version: 1,
        name: 'visitor',
        allowance: '10.000000',
        period: 'P1M',
        price: { amount_minor: '290', iso_4217: 'eur' },
        billing_period: 'P1M',
        limits: {
          max_iterations: 25,
          max_concurrent_jobs: 5,
          max_context_tokens: 200_000,
          max_credits: '100.000000',
          max_deadline_minutes: 360,
          models: expect.arrayContaining(['demo-chat', 'demo-coder']),
          artefacts: { allowed: true, max_files: 500, max_bytes: 4_194_304 },
        },
      },
      expect.objectContaining({ id: 'plan_visitor_plus', allowance: '40.000000' }),
    ]);
    expect(await selling('plan_visitor')).toEqual(['plan_visitor', 290n]);
    expect(await plansOfVisitor(shop.other)).toEqual([]);
    expect(await set(['plan_visitor_plus'])).toEqual([200, ['plan_visitor_plus']]);
    expect([idsOf(await plansOfVisitor()), await selling('plan_visitor')]).toEqual([['plan_visitor_plus'], null]);
    const lines = (await shop.owner.call('GET', `/v1/audit?target_id=${shop.bot.botId}&action=bot.plans_offered`)).body;
    expect((lines['data'] as unknown[])[0]).toMatchObject({
      before: { plans: ['plan_visitor', 'plan_visitor_plus'] },
      after: { plans: ['plan_visitor_plus'] },
    });
  });

  it('takes visitors\u2019 plans alone, each once, from the owner of the bot', async () => {
    for (const plans of [['plan_standard'], ['plan_none'], ['plan_visitor', 'plan_visitor'], ['nonsense']]) {
      expect([plans, await set(plans)]).toEqual([plans, [422, 'validation_failed']]);
    }
    const stranger = await OwnerClient.open(stack, (await openBot(stack)).accountId);
    expect(await set([], stranger)).toEqual([404, 'bot_not_found']);
    expect((await stranger.call('GET', path)).status).toBe(404);
  });

  it('[B20] is nothing to a visitor where nobody could use it, and is there again after', async () => {
    await set(['plan_visitor']);
    const change = async (sql: string): Promise<unknown[]> => {
      await stack.entities.manager.query(`UPDATE records.bots SET ${sql} WHERE id = $1`, [shop.bot.botId]);
      return idsOf(await plansOfVisitor());
    };
    expect(await change(`sales_mode = 'business_direct'`)).toEqual([]);
    expect((await shop.owner.call('GET', path)).body).toMatchObject({
      one_off: { active: false },
      plans: [{ id: 'plan_visitor' }],
    });
    expect(await change(`sales_mode = 'platform_sells', visibility = 'private'`)).toEqual([]);
    expect(await change(`visibility = 'public', archived_at = now()`)).toEqual([]);
    expect(await set(['plan_visitor'])).toEqual([409, 'bot_archived']);
    expect(await change('archived_at = NULL')).toEqual(['plan_visitor']);
  });

  it('[edge 67] begins without plans at whoever the bot is moved to', async () => {
    const next = await Shop.open(stack);
    const body = { to_account_id: next.accountId };
    const offered = await shop.owner.call('POST', `/v1/bots/${shop.bot.botId}/transfers`, { body });
    await next.owner.call('POST', `/v1/bot-transfers/${String(offered.body['id'])}/accept`);
    expect((await next.owner.call('GET', path)).body).toMatchObject({ plans: [] });
    expect(await set(['plan_visitor'], next.owner)).toEqual([200, ['plan_visitor']]);
  });
});
