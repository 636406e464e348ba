// Plans of visitors over HTTP: what a bot offers is ordered, changed, ended and kept by the visitor alone; its
// allowance is used first, is that bot's alone, and is nobody's once its visitor is forgotten.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subscriptionWorkflowId } from '@fairmeter/contracts';
import { withClient } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { threeSteps } from '../harness/scripts.js';
import { OwnerClient } from '../harness/owner-client.js';
import type { TestBot } from '../harness/people.js';
import { Shop } from '../harness/shop.js';
import { TestIssuer } from '../harness/signed-in.js';
import { Subscriber } from '../harness/subscribers.js';
import { TestStack } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';
import { visit, VISITOR_ENV, type Visitor } from '../harness/visitors.js';

let issuer: TestIssuer;
let stack: TestStack;
let shop: Shop;
beforeAll(async () => {
  issuer = await TestIssuer.open();
  const api = { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting };
  stack = await TestStack.start({ models: threeSteps().port, api });
  shop = await Shop.open(stack);
  await offer(['plan_visitor', 'plan_visitor_plus']);
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(stack);
  await stack.stop();
  await issuer.close();
}, 60_000);

const offer = async (plans: readonly string[], { owner, bot }: Shop = shop): Promise<Answer> =>
  owner.call('PUT', `/v1/bots/${bot.botId}/offers`, { body: { plans } });

/** What became of the workflow of a plan, once it renews nothing any more. */
async function isOver({ accountId, botId }: TestBot, { id: visitorId }: Visitor): Promise<string> {
  const workflowId = subscriptionWorkflowId({ kind: 'end_user', accountId, botId, visitorId });
  const handle = stack.temporal.client.workflow.getHandle(workflowId);
  return until(
    async () => (await handle.describe()).status.name,
    (name) => name !== 'RUNNING',
  );
}

const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

interface Post {
  readonly body?: object;
  readonly key?: string;
}

let asked = 0;
async function post({ client }: Visitor, path: string, { body, key }: Post = {}): Promise<Answer> {
  asked += 1;
  const response = await client.fetch(`/v1/me/plan${path}`, {
    method: 'POST',
    headers: {
      'idempotency-key': key ?? `ask-${asked}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

const order = async (visitor: Visitor, planId: string): Promise<Answer> => {
  const { body } = await post(visitor, '/preview', { body: { plan_id: planId } });
  const previewedPeriod = body['period_start'] ?? null;
  return post(visitor, '', { body: { plan_id: planId, previewed_period: previewedPeriod } });
};

describe('the plan of a visitor', () => {
  it('[B21] is there to be ordered only where the owner of the bot offers it', async () => {
    const elsewhere = await visit(stack, shop.other, 'elsewhere');
    expect((await elsewhere.client.get('/v1/me/plan')).body).toMatchObject({ state: 'none', offered: [] });
    expect(told(await order(elsewhere, 'plan_visitor'))).toEqual([422, 'plan_not_offered']);
    const here = await visit(stack, shop.bot, 'here');
    expect((await here.client.get('/v1/me/plan')).body).toMatchObject({
      state: 'none',
      plan_id: null,
      offered: [
        { id: 'plan_visitor', allowance: '10.000000', period: 'P1M', price: { amount_minor: '290', iso_4217: 'eur' } },
        { id: 'plan_visitor_plus', allowance: '40.000000' },
      ],
    });
    for (const planId of ['plan_standard', 'plan_gold']) {
      expect(told(await order(here, planId))).toEqual([422, 'plan_not_offered']);
    }
  });

  it('[B12] [B18] brings an allowance at that bot, told before with what it is', async () => {
    const ann = await visit(stack, shop.bot, 'ann');
    const preview = await post(ann, '/preview', { body: { plan_id: 'plan_visitor' } });
    expect([preview.status, preview.body]).toMatchObject([
      200,
      { period_start: null, takes_effect: 'when_paid', units: '10.000000', price: { amount_minor: '290' } },
    ]);
    expect((preview.body['told'] as { code: string }[]).map(({ code }) => code)).toEqual([
      ...['purpose', 'not_payable_out', 'at_zero'],
    ]);
    const ordered = await order(ann, 'plan_visitor');
    expect([ordered.status, ordered.body]).toMatchObject([
      200,
      { state: 'active', ordered: null, next_refill: { plan_id: 'plan_visitor', units: '10.000000' } },
    ]);
    expect((await ann.client.get('/v1/me/usage-units')).body).toMatchObject({
      remaining: '10.000000',
      allowance: { size: '10.000000' },
    });
    const other = await visit(stack, shop.other, 'ann');
    expect((await other.client.get('/v1/me/usage-units')).body).toMatchObject({ remaining: '0.000000' });
    expect((await (await visit(stack, shop.bot, 'ben')).client.get('/v1/me/plan')).body).toMatchObject({
      state: 'none',
    });
  });

  it('[B19] is full again at a date, unless it ends: then there is nothing to wait for', async () => {
    const cat = await visit(stack, shop.bot, 'cat');
    await order(cat, 'plan_visitor');
    const waits = async (): Promise<unknown> => {
      const { at_zero: options } = (await cat.client.get('/v1/me/usage-units')).body;
      return (options as { code: string; until: string | null }[]).find(({ code }) => code === 'wait')?.until ?? null;
    };
    const { next_refill: refill } = (await cat.client.get('/v1/me/plan')).body as { next_refill: { at: string } };
    expect(await waits()).toBe(refill.at);
    const ended = await post(cat, '/cancel');
    expect([ended.status, ended.body]).toMatchObject([200, { state: 'ends', next_refill: { plan_id: null } }]);
    expect(await waits()).toBeNull();
    expect((await post(cat, '/undo')).body).toMatchObject({ state: 'active' });
    expect(await waits()).toBe(refill.at);
  });

  it('grows at once by what the preview tells, and is ordered once for each key', async () => {
    const dan = await visit(stack, shop.bot, 'dan');
    const body = { plan_id: 'plan_visitor', previewed_period: null };
    const answers = await Promise.all([1, 2, 3].map(async () => post(dan, '', { body, key: 'the-order' })));
    expect(new Set(answers.map((answer) => JSON.stringify([answer.status, answer.body]))).size).toBe(1);
    expect(told(await post(dan, '', { body: { ...body, plan_id: 'plan_visitor_plus' }, key: 'the-order' }))).toEqual([
      409,
      'idempotency_mismatch',
    ]);
    expect(told(await post(dan, '', { body }))).toEqual([409, 'preview_stale']);
    const { body: preview } = await post(dan, '/preview', { body: { plan_id: 'plan_visitor_plus' } });
    expect(preview).toMatchObject({ ends_units: '0.000000', owed_units: '0.000000' });
    expect(preview['remaining_change']).toBe(preview['units']);
    expect((await order(dan, 'plan_visitor_plus')).body).toMatchObject({ plan_id: 'plan_visitor_plus' });
    expect((await dan.client.get('/v1/me/usage-units')).body).toMatchObject({
      remaining: `${Number.parseInt(String(preview['units']), 10) + 10}.000000`,
    });
  });

  it('[A27] bounds what is asked of the bot, as it says, until another plan does', async () => {
    const kim = await visit(stack, shop.bot, 'kim');
    const ask = async (key: string, maxIterations: number): Promise<Answer> =>
      kim.client.submit({ key, body: { prompt: 'p', max_iterations: maxIterations } });
    const lowered = 'UPDATE records.bots SET max_iterations = 50 WHERE id = $1';
    await stack.entities.manager.query(lowered, [shop.bot.botId]);
    expect((await kim.client.get('/v1/me/plan')).body['limits']).toBeNull();
    const { body: ordered } = await order(kim, 'plan_visitor');
    // The bot takes less than the larger plan has: just that is told, and no figure.
    const artefacts = { allowed: true, max_files: 500, max_bytes: 4_194_304 };
    expect(ordered).toMatchObject({
      limits: { max_iterations: 25, max_concurrent_jobs: 5, max_credits: '100.000000', artefacts },
      offered: [{ id: 'plan_visitor' }, { id: 'plan_visitor_plus', limits: { max_iterations: null } }],
    });
    const { models } = ordered['limits'] as { readonly models: readonly string[] };
    expect([models.includes('demo-chat'), models.includes('demo-premium')]).toEqual([true, false]);
    const refused = await ask('more', 26);
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { code: 'iterations_over_plan', limit: 25, plan: 'visitor', limited_by: 'visitor_plan' },
    ]);
    await order(kim, 'plan_visitor_plus');
    const admitted = await ask('more', 26);
    expect([admitted.status, admitted.body['max_iterations']]).toEqual([202, 26]);
    const beyond = await ask('beyond', 51);
    expect([beyond.body['code'], beyond.body['limit_of'], beyond.body['limit']]).toEqual([
      ...['over_bot_limit', 'iterations', undefined],
    ]);
  });

  it('[B12] tells nobody of an order that another one, at the same moment, has left no room for', async () => {
    const both = await visit(stack, shop.bot, 'both-at-once');
    const plans = ['plan_visitor', 'plan_visitor_plus'];
    const answers = await withClient(stack.database.ownerUrl, async (client) => {
      // Nothing of either is written down before both have been asked for.
      await client.query('BEGIN; LOCK TABLE records.subscriptions IN SHARE ROW EXCLUSIVE MODE');
      const ordering = plans.map(async (plan_id) => post(both, '', { body: { plan_id, previewed_period: null } }));
      await pause(1_000);
      await client.query('COMMIT');
      return Promise.all(ordering);
    });
    const { plan_id: begun } = (await both.client.get('/v1/me/plan')).body;
    expect(answers.map(({ status, body }) => [status, body['plan_id'] ?? body['code']])).toEqual(
      plans.map((planId) => (planId === begun ? [200, planId] : [409, 'preview_stale'])),
    );
  });

  it('is not there to be ended where there is none', async () => {
    const eve = await visit(stack, shop.bot, 'eve');
    for (const path of ['/cancel', '/undo']) {
      expect(told(await post(eve, path))).toEqual([404, 'subscription_not_found']);
    }
  });

  it('[edge 66] ends with its visitor, and nothing renews', async () => {
    const fay = await visit(stack, shop.bot, 'fay');
    await order(fay, 'plan_visitor');
    expect((await fay.client.fetch('/v1/me', { method: 'DELETE' })).status).toBe(200);
    expect(await isOver(shop.bot, fay)).toBe('COMPLETED');
  });

  it('[edge 70] ends with the account that answers for the bot', async () => {
    const subscriber = await Subscriber.signUp(stack, issuer, 'closing');
    const bot = await subscriber.bot();
    const owner = await OwnerClient.open(stack, subscriber.accountId);
    await owner.call('PUT', `/v1/bots/${bot.botId}/offers`, { body: { plans: ['plan_visitor'] } });
    const gus = await visit(stack, bot, 'gus');
    expect((await order(gus, 'plan_visitor')).status).toBe(200);
    expect((await subscriber.owner.call('POST', '/v1/account/close')).status).toBe(200);
    expect(await isOver(bot, gus)).toBe('COMPLETED');
  });

  it('[edge 67] [edge 70] goes where its bot goes, and ends with the account that has the bot then', async () => {
    const [from, to] = [
      await Subscriber.signUp(stack, issuer, 'giving'),
      await Subscriber.signUp(stack, issuer, 'taking'),
    ];
    const bot = await from.bot();
    const giver = await OwnerClient.open(stack, from.accountId);
    const taker = await OwnerClient.open(stack, to.accountId);
    await giver.call('PUT', `/v1/bots/${bot.botId}/offers`, { body: { plans: ['plan_visitor'] } });
    expect((await order(await visit(stack, bot, 'ida'), 'plan_visitor')).status).toBe(200);
    const transfer = { body: { to_account_id: to.accountId } };
    const { body: offered } = await giver.call('POST', `/v1/bots/${bot.botId}/transfers`, transfer);
    const moved = await taker.call('POST', `/v1/bot-transfers/${String(offered['id'])}/accept`);
    expect(moved.body['state']).toBe('accepted');
    const ida = await visit(stack, { ...bot, key: taker.secret }, 'ida');
    expect((await ida.client.get('/v1/me/plan')).body).toMatchObject({ state: 'active', plan_id: 'plan_visitor' });
    expect((await from.owner.call('POST', '/v1/account/close')).status).toBe(200);
    // Asked of its workflow behind whatever the closing told that.
    expect((await post(ida, '/cancel')).body).toMatchObject({ state: 'ends', next_refill: { plan_id: null } });
    expect((await post(ida, '/undo')).body).toMatchObject({ state: 'active' });
    const lines = await stack.entities.manager.query<unknown[]>(
      `SELECT account_id, action FROM records.audit WHERE account_id IN ($1, $2) AND action LIKE 'subscription.%'
       ORDER BY id`,
      [from.accountId, to.accountId],
    );
    expect(lines).toEqual([
      { account_id: to.accountId, action: 'subscription.cancelled' },
      { account_id: to.accountId, action: 'subscription.undone' },
    ]);
    expect((await to.owner.call('POST', '/v1/account/close')).status).toBe(200);
    expect(await isOver(bot, ida)).toBe('COMPLETED');
  });

  it('can be ended, and not begun, at a bot that takes no visitors any more', async () => {
    const own = await Shop.open(stack);
    await offer(['plan_visitor'], own);
    const hal = await visit(stack, own.bot, 'hal');
    await order(hal, 'plan_visitor');
    await stack.entities.manager.query(`UPDATE records.bots SET visibility = 'private' WHERE id = $1`, [own.bot.botId]);
    expect(told(await order(hal, 'plan_visitor'))).toEqual([403, 'bot_private']);
    expect((await post(hal, '/cancel')).body).toMatchObject({ state: 'ends' });
  });
});
