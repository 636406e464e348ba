// Goal: an owner sells packs to visitors, and each visitor has what that visitor bought, at that bot and nowhere else.
// Method: the running stack with the built-in provider.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { openAccountKey } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { Shop, type Shopper } from '../harness/shop.js';
import { TestStack } from '../harness/test-stack.js';
import { VISITOR_ENV } from '../harness/visitors.js';

const EUR = (amount: string): object => ({ amount_minor: amount, iso_4217: 'eur' });
const codeOf = ({ status, body }: Answer): unknown[] => [status, body['code']];

let stack: TestStack;
let shop: Shop;
beforeAll(async () => {
  stack = await TestStack.start({
    models: byStage({ answer: [reply('Hello')] }).port,
    api: { ...VISITOR_ENV, VISITOR_JOBS_PER_MINUTE: '40', ADDRESS_JOBS_PER_MINUTE: '1000' },
  });
  shop = await Shop.open(stack);
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(stack);
  await stack.stop();
}, 60_000);

describe('a pack of one bot', () => {
  it('[B11, B4, B18] is made by its owner, and once bought grows that visitor\u2019s lot alone', async () => {
    const ann = await shop.visitor('ann');
    const bob = await shop.visitor('bob');
    expect(await ann.offers()).toEqual([]);
    const made = await shop.offer({ name: 'Ten', price: '490', allowances: { [shop.bot.botId]: '10' } });
    expect([made.status, made.body]).toMatchObject([201, { version: 1, name: 'Ten', price: EUR('490') }]);
    const { body } = await ann.call('GET', '/v1/me/offers');
    const id = String(made.body['product_id']);
    expect(body).toMatchObject({
      packs: [{ id, name: 'Ten', units: '10.000000', at_other_bots: [], price: EUR('490') }],
      told: [{ code: 'purpose' }, { code: 'not_payable_out' }, { code: 'at_zero' }],
      at_zero: [{ code: 'buy' }],
    });
    const before = await accountFacts(stack, shop.accountId);
    const bought = await ann.buy(id);
    const lots = [{ bot_id: shop.bot.botId, credits: '10.000000', lot_id: expect.any(String) }];
    expect([bought.status, bought.body]).toMatchObject([201, { state: 'paid', price: EUR('490'), lots }]);
    expect((await ann.buy(id)).body).toEqual(bought.body);
    expect([await ann.units(), await bob.units()]).toEqual(['10.000000', '0.000000']);
    const after = await accountFacts(stack, shop.accountId);
    expect([before.open, after.open]).toEqual(['100.000000', '110.000000']);
    expect(codeOf(await bob.purchase(String(bought.body['id'])))).toEqual([404, 'purchase_not_found']);
    const { body: list } = await ann.call('GET', '/v1/purchases');
    expect(list).toEqual({ data: [bought.body], next_cursor: null });
  });

  it('is changed as another version: who saw the earlier price buys at that price or not at all', async () => {
    const ann = await shop.visitor('ann');
    const { body: first } = await shop.offer({ price: '300', allowances: { [shop.bot.botId]: '3' } });
    const path = `/v1/bot-packs/${String(first['id'])}`;
    const bought = await ann.buy(String(first['product_id']), { key: 'three' });
    const second = await shop.owner.call('PATCH', path, { body: { price: EUR('350') } });
    expect([second.status, second.body]).toMatchObject([200, { id: first['id'], version: 2, price: EUR('350') }]);
    expect((await shop.owner.call('PATCH', path, { body: { price: EUR('350') } })).body).toEqual(second.body);
    expect(codeOf(await ann.buy(String(first['product_id']), { key: 'late' }))).toEqual([404, 'product_not_found']);
    expect((await ann.buy(String(first['product_id']), { key: 'three' })).body).toEqual(bought.body);
    expect((await ann.offers()).find(({ id }) => id === second.body['product_id'])).toMatchObject({
      price: EUR('350'),
    });
    expect((await shop.owner.call('DELETE', path)).status).toBe(200);
    expect(codeOf(await ann.buy(String(second.body['product_id']), { key: 'later' }))).toEqual([
      404,
      'product_not_found',
    ]);
    expect(codeOf(await shop.owner.call('DELETE', path))).toEqual([404, 'pack_not_found']);
    expect(codeOf(await shop.owner.call('PATCH', path, { body: { name: 'X' } }))).toEqual([404, 'pack_not_found']);
    const { body: audit } = await shop.owner.call('GET', `/v1/audit?target_id=${String(first['id'])}`);
    const lines = audit['data'] as readonly { action: string; before: object | null; after: object | null }[];
    expect(lines.map(({ action }) => action)).toEqual(['bot_pack.withdrawn', 'bot_pack.changed', 'bot_pack.made']);
    expect(lines[1]).toMatchObject({ before: { version: 1, price: EUR('300') }, after: { version: 2 } });
  });

  it('is listed page by page, made once by its key, and of nothing but the account\u2019s own bots', async () => {
    const own = await Shop.open(stack);
    const allowances = { [own.bot.botId]: '1' };
    for (const name of ['One', 'Two', 'Three']) await own.offer({ name, allowances });
    const first = await own.owner.call('GET', '/v1/bot-packs?limit=2');
    expect(first.body['data']).toMatchObject([{ name: 'Three' }, { name: 'Two' }]);
    const rest = await own.owner.call('GET', `/v1/bot-packs?limit=2&cursor=${String(first.body['next_cursor'])}`);
    expect(rest.body).toMatchObject({ data: [{ name: 'One' }], next_cursor: null });
    expect(codeOf(await own.owner.call('GET', '/v1/bot-packs?cursor=nonsense'))).toEqual([422, 'validation_failed']);
    expect(codeOf(await own.offer({ allowances: { [shop.bot.botId]: '1' } }))).toEqual([404, 'bot_not_found']);
    const body = { name: 'Same', allowances: [{ bot_id: own.bot.botId, credits: '1' }], price: EUR('1') };
    const made = await own.owner.call('POST', '/v1/bot-packs', { key: 'once', body });
    expect((await own.owner.call('POST', '/v1/bot-packs', { key: 'once', body })).body).toEqual(made.body);
    for (const bad of [
      { ...body, price: EUR('0') },
      { ...body, price: { amount_minor: '1', iso_4217: 'EURO' } },
      { ...body, allowances: [] },
      { ...body, allowances: [...body.allowances, ...body.allowances] },
      { ...body, allowances: [{ bot_id: own.bot.botId, credits: '0' }] },
    ]) {
      const answer = await own.owner.call('POST', '/v1/bot-packs', { body: bad });
      expect(codeOf(answer)).toEqual([422, 'validation_failed']);
    }
  });

  it('[B26] shows its owner units and no payment', async () => {
    const { shopper, id } = await shop.ordered();
    const { body } = await shop.owner.call('GET', `/v1/bots/${shop.bot.botId}/visitors`);
    const text = JSON.stringify(body);
    expect(text).toContain(shopper.visitor.id);
    for (const word of [id, 'purchase', 'price', 'amount_minor', 'iso_4217']) expect(text).not.toContain(word);
    const { body: mine } = await shop.owner.call('GET', '/v1/purchases');
    expect(mine['data']).toEqual([]);
    expect(codeOf(await shop.owner.call('GET', `/v1/purchases/${id}`))).toEqual([404, 'purchase_not_found']);
  });
});

describe('a pack of several bots', () => {
  it('[A30, B1] gives an allowance at each, and neither is usable at the other bot', async () => {
    const [ann, annThere] = [await shop.visitor('ann-two'), await shop.visitor('ann-two', shop.other)];
    const allowances = { [shop.bot.botId]: '4', [shop.other.botId]: '6' };
    const product = String((await shop.offer({ allowances })).body['product_id']);
    expect((await annThere.offers()).find(({ id }) => id === product)).toMatchObject({
      units: '6.000000',
      at_other_bots: [{ bot_id: shop.bot.botId, units: '4.000000' }],
    });
    const tokens = [annThere.visitor.token];
    const bought = await ann.buy(product, { tokens });
    expect([bought.status, bought.body]).toMatchObject([201, { state: 'paid', credits: '10.000000' }]);
    expect(new Set((bought.body['lots'] as { lot_id: string }[]).map((lot) => lot.lot_id)).size).toBe(2);
    expect([await ann.units(), await annThere.units()]).toEqual(['4.000000', '6.000000']);
    for (const bot of [shop.bot, shop.other]) {
      const funding = { funding_mode: 'end_user_credits' };
      await shop.owner.call('PATCH', `/v1/bots/${bot.botId}/funding`, { body: funding });
    }
    const job = await annThere.visitor.client.submit({ body: { prompt: 'Hi', max_credits: '6' } });
    await annThere.visitor.client.ended(String(job.body['id']));
    expect(await ann.units()).toBe('4.000000');
    expect(Number(await annThere.units())).toBeLessThan(6);
    // Somebody who has units at the other bot alone has none here.
    const [carl, carlThere] = [await shop.visitor('carl'), await shop.visitor('carl', shop.other)];
    await carlThere.buy(await packOf(shop.other.botId));
    const refused = await carl.visitor.client.submit({ body: { prompt: 'Hi' } });
    expect(codeOf(refused)).toEqual([402, 'no_credits_for_bot']);
  });

  it('is bought by one visitor alone: the other tokens are of that account and of those bots, and hold', async () => {
    const ann = await shop.visitor('ann-three');
    const there = await shop.visitor('ann-three', shop.other);
    const allowances = { [shop.bot.botId]: '1', [shop.other.botId]: '1' };
    const product = String((await shop.offer({ allowances })).body['product_id']);
    const stranger = await Shop.open(stack);
    const foreign = await stranger.visitor('ann-three');
    const [token, again] = [there.visitor.token, (await shop.visitor('ann-three', shop.other)).visitor.token];
    for (const tokens of [[], ['no.token.atall'], [foreign.visitor.token], [token, again], [ann.visitor.token]]) {
      const answer = await ann.buy(product, { key: newId('req'), tokens });
      expect([tokens.length, ...codeOf(answer)]).toEqual([tokens.length, 422, 'validation_failed']);
    }
    const single = await packOf(shop.bot.botId);
    expect(codeOf(await ann.buy(single, { key: 'more', tokens: [token] }))).toEqual([422, 'validation_failed']);
    const bought = await ann.buy(product, { tokens: [token] });
    // A token asked for again is another text of the same visitor.
    expect((await ann.buy(product, { tokens: [again] })).body).toEqual(bought.body);
    expect(codeOf(await ann.buy(product))).toEqual([409, 'idempotency_mismatch']);
  });
});

async function packOf(botId: string): Promise<string> {
  return String((await shop.offer({ allowances: { [botId]: '5' } })).body['product_id']);
}

describe('nothing is sold that nobody could use', () => {
  let own: Shop;
  let ann: Shopper;
  let product: string;
  const set = async (sql: string, id: string): Promise<unknown> => stack.entities.manager.query(sql, [id]);
  beforeAll(async () => {
    own = await Shop.open(stack);
    ann = await own.visitor('ann');
    product = await own.sell();
  }, 60_000);
  const tried = async (): Promise<unknown[]> => codeOf(await ann.buy(product, { key: newId('req') }));

  it('[edge 68] not at a bot that is archived, nor at one that its owner has closed to visitors', async () => {
    const path = `/v1/bots/${own.bot.botId}`;
    await own.owner.call('POST', `${path}/archive`);
    expect(await tried()).toEqual([401, 'visitor_token_expired']);
    ann = await ann.comeBack();
    expect([await tried(), await ann.offers()]).toEqual([[409, 'bot_archived'], []]);
    expect(codeOf(await own.offer({ allowances: { [own.bot.botId]: '1' } }))).toEqual([409, 'bot_archived']);
    await own.owner.call('POST', `${path}/unarchive`);
    await own.owner.call('POST', `${path}/unpublish`);
    expect([await tried(), await ann.offers()]).toEqual([[403, 'bot_private'], []]);
    await set(`UPDATE records.bots SET visibility = 'public' WHERE id = $1`, own.bot.botId);
    expect(await ann.offers()).toHaveLength(1);
  });

  it('[B20] not where the business sells by itself, nor as part of a pack with such a bot', async () => {
    const both = { [own.bot.botId]: '1', [own.other.botId]: '1' };
    await own.offer({ allowances: both });
    expect(await ann.offers()).toHaveLength(2);
    await set(`UPDATE records.bots SET archived_at = now() WHERE id = $1`, own.other.botId);
    expect(await ann.offers()).toHaveLength(1);
    await own.owner.call('PATCH', `/v1/bots/${own.bot.botId}/funding`, { body: { sales_mode: 'business_direct' } });
    expect([await tried(), await ann.offers()]).toEqual([[404, 'product_not_found'], []]);
    await own.owner.call('PATCH', `/v1/bots/${own.bot.botId}/funding`, { body: { sales_mode: 'platform_sells' } });
  });

  it('not for a bot of an account that is suspended or closed; bundles while the account may pay', async () => {
    const key = await openAccountKey(stack, own.accountId, ['manage']);
    const bundle = async (): Promise<unknown> => {
      const headers = {
        authorization: `Bearer ${key}`,
        'idempotency-key': newId('req'),
        'content-type': 'application/json',
      };
      const body = JSON.stringify({ product_id: 'bundle_100' });
      return (await fetch(`${stack.apiUrl}/v1/purchases`, { method: 'POST', headers, body })).status;
    };
    await set(`UPDATE records.accounts SET status = 'suspended' WHERE id = $1`, own.accountId);
    expect([await tried(), await ann.offers(), await bundle()]).toEqual([[403, 'account_not_active'], [], 201]);
    await set(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, own.accountId);
    expect([await tried(), await bundle()]).toEqual([[403, 'account_not_active'], 403]);
  });

  it('[B24] and not as often as somebody likes', async () => {
    const flooder = await shop.visitor('flooder');
    const calm = await shop.visitor('calm');
    const id = await shop.sell();
    const answers = await Promise.all(
      Array.from({ length: 45 }, async (_, index) => flooder.buy('prd_none', { key: `try-${index}` })),
    );
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]?.body).toMatchObject({ code: 'rate_limited', per: 'visitor' });
    expect((await calm.buy(id)).status).toBe(201);
  });
});
