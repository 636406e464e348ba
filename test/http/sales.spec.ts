// Goal: an owner is told what was sold at each bot, to the coin, once and for good, and of payments nothing else.
// Method: visitors buy at a server that speaks Stripe's protocol; the lists are read while more is sold.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openAccountKey, openTestKey } from '../harness/people.js';
import { Shop } from '../harness/shop.js';
import type { Sale } from '../harness/stripe-shop.js';
import { StripeShop } from '../harness/stripe-shop.js';
import { until } from '../harness/until.js';

type Row = Readonly<Record<string, unknown>>;

let desk: StripeShop;
beforeAll(async () => {
  desk = await StripeShop.open();
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(desk.stack);
  await desk.close();
}, 60_000);

/** On a plan with sales among its features. */
async function openShop(): Promise<Shop> {
  const shop = await Shop.open(desk.stack);
  await desk.stack.entities.manager.query(`UPDATE records.accounts SET plan_id = 'plan_custom' WHERE id = $1`, [
    shop.accountId,
  ]);
  return shop;
}

async function sold(shop: Shop): Promise<Sale> {
  const { shopper, id } = await shop.ordered();
  const sale = { shopper, id, intent: desk.stripe.sessionOf(id).paymentIntent };
  await desk.tell('paid', sale);
  await shopper.becomes(id, 'paid');
  return sale;
}

const read = async (owner: OwnerClient, query = ''): Promise<Row> =>
  (await owner.call('GET', `/v1/account/sales${query}`)).body;
const linesOf = (body: Row): Row[] => body['data'] as Row[];

describe('sales of which some go back', () => {
  let shop: Shop;
  let kept: Sale;
  let won: Sale;
  let lost: Sale;
  beforeAll(async () => {
    shop = await openShop();
    [kept, won, lost] = [await sold(shop), await sold(shop), await sold(shop)];
    await shop.ordered();
    for (const sale of [won, lost]) {
      await desk.tell('disputed', sale);
      await sale.shopper.becomes(sale.id, 'disputed');
    }
    await desk.tell('dispute_won', won);
    await won.shopper.becomes(won.id, 'paid');
    await desk.tell('reversed', lost);
    await lost.shopper.becomes(lost.id, 'reversed');
  }, 60_000);

  it('[B26] [B27] have a line for each sale and for each that went back; their sums are exact', async () => {
    const body = await read(shop.owner);
    const told = linesOf(body).map(({ purchase_id: id, kind, state, amount_minor: minor, credits }) =>
      [id, kind, state, minor, credits].join(),
    );
    expect(told).toEqual([
      `${won.id},sale,paid,500,10.000000`,
      `${lost.id},reversal,disputed,-500,-10.000000`,
      `${won.id},reversal,disputed,-500,-10.000000`,
      `${lost.id},sale,paid,500,10.000000`,
      `${won.id},sale,paid,500,10.000000`,
      `${kept.id},sale,paid,500,10.000000`,
    ]);
    const sums = { sales: 4, reversals: 2, sold_minor: '2000', reversed_minor: '-1000', net_minor: '1000' };
    expect(body['totals']).toEqual([{ bot_id: shop.bot.botId, iso_4217: 'eur', ...sums }]);
    const visitors = (await shop.owner.call('GET', `/v1/bots/${shop.bot.botId}/visitors`)).body['data'] as Row[];
    const buyer = visitors.find(({ id }) => id === kept.shopper.visitor.id);
    // Who used what is told there, and who paid nowhere.
    expect(buyer).toMatchObject({ pseudonym: expect.any(String) });
    expect(JSON.stringify(body)).not.toContain(String(buyer?.['pseudonym']));
    expect(linesOf(body).at(-1)).toEqual({
      at: expect.stringMatching(/Z$/),
      kind: 'sale',
      state: 'paid',
      bot_id: shop.bot.botId,
      sold: 'pack',
      purchase_id: kept.id,
      product_id: expect.stringMatching(/^prd_/),
      payment_id: null,
      plan_id: null,
      product_name: 'Pack',
      credits: '10.000000',
      amount_minor: '500',
      iso_4217: 'eur',
    });
    expect(JSON.stringify(body)).not.toMatch(/vis_|buyer-|stripe|pi_|checkout/);
  });
});

describe('sales of an account', () => {
  it('[B12] [B27] have a line for each payment of a plan of a visitor, and for each that went back', async () => {
    const shop = await openShop();
    await shop.owner.call('PUT', `/v1/bots/${shop.bot.botId}/offers`, { body: { plans: ['plan_visitor'] } });
    const ann = await shop.visitor('ann');
    const order = { plan_id: 'plan_visitor', previewed_period: null };
    expect((await ann.call('POST', '/v1/me/plan', { key: 'plan', body: order })).status).toBe(200);
    const [payment] = await desk.stack.entities.manager.query<{ id: string }[]>(
      'SELECT id FROM records.subscription_payments WHERE visitor_id = $1',
      [ann.visitor.id],
    );
    const id = String(payment?.id);
    const sale = { id, intent: desk.stripe.sessionOf(id).paymentIntent };
    expect(linesOf(await read(shop.owner))).toEqual([]);
    const told = async (news: Parameters<typeof desk.tell>[0], lines: number): Promise<Row> => {
      await desk.tell(news, sale);
      return until(
        async () => read(shop.owner),
        (body) => linesOf(body).length === lines,
      );
    };
    expect(linesOf(await told('paid', 1))).toEqual([
      {
        at: expect.stringMatching(/Z$/),
        kind: 'sale',
        state: 'paid',
        bot_id: shop.bot.botId,
        sold: 'plan',
        purchase_id: null,
        product_id: null,
        payment_id: id,
        plan_id: 'plan_visitor',
        product_name: expect.any(String),
        credits: null,
        amount_minor: '290',
        iso_4217: 'eur',
      },
    ]);
    await told('disputed', 2);
    const body = await told('dispute_won', 3);
    const minors = linesOf(body).map(({ state, amount_minor: minor }) => [state, minor]);
    expect(minors).toEqual([
      ['paid', '290'],
      ['reversed', '-290'],
      ['paid', '290'],
    ]);
    expect(body['totals']).toMatchObject([{ sales: 2, reversals: 1, net_minor: '290' }]);
    expect(JSON.stringify(body)).not.toMatch(/vis_|stripe|pi_|checkout/);
  });

  it('[B27] are told to whoever owns the account on a plan that includes them, and to nobody else', async () => {
    const shop = await openShop();
    await sold(shop);
    const { accountId } = shop;
    const tried = async (key: string): Promise<unknown[]> => {
      const { status, body } = await new OwnerClient(desk.stack, key).call('GET', '/v1/account/sales');
      return [status, body['code'] ?? linesOf(body).length];
    };
    expect(await tried(await openAccountKey(desk.stack, accountId, ['account']))).toEqual([200, 1]);
    expect(await tried(await openAccountKey(desk.stack, accountId, ['read', 'submit']))).toEqual([403, 'forbidden']);
    expect(await tried(shop.bot.key)).toEqual([403, 'forbidden']);
    expect(linesOf(await read((await openShop()).owner))).toEqual([]);
    const small = await Shop.open(desk.stack);
    expect((await small.owner.call('GET', '/v1/account/sales')).body).toMatchObject({
      status: 403,
      code: 'sales_export_not_in_plan',
      feature: 'sales_export',
    });
    // Nothing is sold in the test environment, which is all that a test key is shown.
    expect(await tried(await openTestKey(desk.stack, { accountId }))).toEqual([200, 0]);
    expect(await read(shop.owner, '?environment=test')).toEqual({ data: [], totals: [], next_cursor: null });
  });

  it('come in pages of one moment, whatever is sold meanwhile', async () => {
    const shop = await openShop();
    for (let n = 0; n < 5; n += 1) await sold(shop);
    const whole = await read(shop.owner);
    const seen: Row[] = [];
    let cursor = '';
    do {
      const page = await read(shop.owner, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...linesOf(page));
      expect(page['totals']).toEqual(whole['totals']);
      cursor = typeof page['next_cursor'] === 'string' ? page['next_cursor'] : '';
      await sold(shop);
    } while (cursor !== '');
    expect(seen).toEqual(linesOf(whole));
    expect(linesOf(await read(shop.owner))).toHaveLength(8);
  }, 30_000);

  it('are of a bot and of a time where one is asked for', async () => {
    const shop = await openShop();
    await sold(shop);
    const product = await shop.offer({ name: 'Other', price: '900', allowances: { [shop.other.botId]: '3' } });
    const there = await shop.visitor('ann', shop.other);
    const { body } = await there.buy(String(product.body['product_id']));
    await desk.tell('paid', { id: String(body['id']), intent: '' });
    await there.becomes(String(body['id']), 'paid');
    const at = String(linesOf(await read(shop.owner))[0]?.['at']);
    const counted = async (query: string): Promise<unknown> => {
      const answer = await read(shop.owner, query);
      return (answer['totals'] as Row[] | undefined)?.map(({ net_minor: net }) => net) ?? answer['code'];
    };
    expect(await counted(`?bot_id=${shop.other.botId}`)).toEqual(['900']);
    expect(await counted(`?bot_id=${shop.bot.botId}`)).toEqual(['500']);
    expect(await counted(`?from=${at}`)).toEqual(['900']);
    expect(await counted(`?to=${at}`)).toEqual(['500']);
    expect(await counted(`?from=${at}&to=${at}`)).toBe('validation_failed');
    expect(await counted('?cursor=bm90aGluZw')).toBe('validation_failed');
  });

  it('come as a file that no spreadsheet runs, with the lines of the list', async () => {
    const shop = await openShop();
    const name = '=HYPERLINK("http://elsewhere.test","Pack"), large';
    const product = await shop.offer({ name, allowances: { [shop.bot.botId]: '10' } });
    const ann = await shop.visitor('ann');
    const id = String((await ann.buy(String(product.body['product_id']))).body['id']);
    await desk.tell('paid', { id, intent: '' });
    await ann.becomes(id, 'paid');
    await desk.tell('reversed', { id, intent: desk.stripe.sessionOf(id).paymentIntent });
    await ann.becomes(id, 'reversed');
    const file = await fetch(`${desk.stack.apiUrl}/v1/account/sales?format=csv`, {
      headers: { authorization: `Bearer ${shop.owner.secret}` },
    });
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect(file.headers.get('content-disposition')).toContain('attachment');
    const [head, reversal, sale, ...rest] = (await file.text()).split('\r\n');
    expect(rest).toEqual(['']);
    expect(head).toBe(
      'at,kind,state,sold,bot_id,purchase_id,product_id,payment_id,plan_id,product_name,credits,amount_minor,iso_4217',
    );
    expect(sale).toContain(`"'=HYPERLINK(""http://elsewhere.test"",""Pack""), large"`);
    expect([sale?.endsWith(',10.000000,500,eur'), reversal?.endsWith(',-10.000000,-500,eur')]).toEqual([true, true]);
    expect(linesOf(await read(shop.owner))[1]?.['product_name']).toBe(name);
    const paged = await shop.owner.call('GET', '/v1/account/sales?format=csv&limit=2');
    expect([paged.status, paged.body['code']]).toEqual([422, 'validation_failed']);
  });

  it('[B27] are no matter of the ledger, and stay with whoever sold when the bot goes', async () => {
    const [shop, next] = [await openShop(), await openShop()];
    await sold(shop);
    const kinds: unknown = await desk.stack.entities.manager.query(
      `SELECT DISTINCT o.verb FROM ledger.operations o WHERE o.scope_id LIKE 'end_user/' || $1 || '/%'`,
      [shop.bot.botId],
    );
    expect(kinds).toEqual([{ verb: 'grant' }]);
    const offered = await shop.owner.call('POST', `/v1/bots/${shop.bot.botId}/transfers`, {
      body: { to_account_id: next.accountId },
    });
    await next.owner.call('POST', `/v1/bot-transfers/${String(offered.body['id'])}/accept`);
    expect([linesOf(await read(shop.owner)).length, linesOf(await read(next.owner)).length]).toEqual([1, 0]);
  });
});
