// Goal: what is sold, and to whom, is held by the database itself, whatever the API's own code should say one day.
// Method: statements as the API's role would send them, each in a transaction of its own that is thrown away.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endUserScope } from '@fairmeter/domain';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { Shop } from '../harness/shop.js';
import { TestStack } from '../harness/test-stack.js';
import { VISITOR_ENV } from '../harness/visitors.js';

describe('the database\u2019s own wall around what is sold', () => {
  let stack: TestStack;
  let reader: TenantDatabase;
  let ours: Shop;
  let theirs: Shop;
  let product: string;
  beforeAll(async () => {
    stack = await TestStack.start({ api: { ...VISITOR_ENV } });
    const { readerUrl } = stack.database;
    reader = await TenantDatabase.open({ url: readerUrl, maxConnections: 1, applicationName: 'wall', entities: [] });
    [ours, theirs] = [await Shop.open(stack), await Shop.open(stack)];
    product = await ours.sell('10');
  }, 60_000);
  afterAll(async () => {
    await reader.close();
    await stack.stop();
  }, 60_000);

  /** What Postgres says of it: `42501` where row-level security has it not. */
  const tried = async (subject: string, ...statements: readonly (string | readonly unknown[])[]): Promise<unknown> =>
    reader
      .asTenant({ accountId: ours.accountId, subject }, async (tx) => {
        for (const [index, sql] of statements.entries()) {
          const values = statements[index + 1];
          if (typeof sql === 'string' && typeof values === 'object') await tx.query(sql, [...values]);
        }
        // Nothing of it is to stay.
        throw new Error('done');
      })
      .catch((error: unknown) => (error as { code?: string; message: string }).code ?? (error as Error).message);

  const ORDER = `INSERT INTO records.purchases (id, account_id, buyer_id, scope_id, product_id, lot_kind, credits,
    price_minor, currency, key_hash, body_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'eur', $1, '')`;
  const PRODUCT = `INSERT INTO records.products
    (id, kind, account_id, pack_id, version, name, credits, price_minor, currency)
    VALUES ($1, 'pack', $2, $1, 1, 'P', 1, 1, 'eur')`;
  const ALLOWANCE = `INSERT INTO records.product_allowances (product_id, account_id, bot_id, credits)
    VALUES ($1, $2, $3, 1)`;

  it('binds a pack to the account that asks and to bots of that account, and lets no visitor sell', async () => {
    const { accountId } = ours;
    const { visitor } = await ours.visitor('seller');
    expect(await tried('usr_1', PRODUCT, [newId('prd'), accountId])).toBe('done');
    expect(await tried('usr_1', PRODUCT, [newId('prd'), theirs.accountId])).toBe('42501');
    expect(await tried(visitor.id, PRODUCT, [newId('prd'), accountId])).toBe('42501');
    expect(await tried('usr_1', ALLOWANCE, [product, accountId, ours.other.botId])).toBe('done');
    expect(await tried('usr_1', ALLOWANCE, [product, accountId, theirs.bot.botId])).toBe('42501');
    expect(await tried('usr_1', ALLOWANCE, [await theirs.sell(), accountId, ours.bot.botId])).toBe('42501');
    expect(await tried(visitor.id, ALLOWANCE, [product, accountId, ours.other.botId])).toBe('42501');
  });

  it('binds an order to its buyer, to what is on offer at its price, and to visitors of its bots', async () => {
    const { accountId, bot, other } = ours;
    const { visitor } = await ours.visitor('buyer');
    const { visitor: elsewhere } = await ours.visitor('buyer', other);
    const { visitor: foreign } = await theirs.visitor('buyer');
    const mine = endUserScope(bot.botId, visitor.id);
    const good = [newId('pur'), accountId, visitor.id, mine, product, 'eu_pack', '10000000', '500'];
    const but = (at: number, value: unknown): unknown[] => good.map((old, index) => (index === at ? value : old));
    expect(await tried(visitor.id, ORDER, good)).toBe('done');
    const wrong = [
      but(1, theirs.accountId),
      but(2, elsewhere.id),
      but(3, endUserScope(bot.botId, elsewhere.id)),
      but(3, endUserScope(other.botId, visitor.id)),
      but(3, `account/${accountId}`),
      but(4, await theirs.sell()),
      but(5, 'bundle'),
      but(6, '99000000'),
      but(7, '1'),
    ];
    for (const values of wrong) expect([values, await tried(visitor.id, ORDER, values)]).toEqual([values, '42501']);
    // Somebody of the account buys no visitor's pack, and no bundle in a visitor's name.
    expect(await tried('usr_1', ORDER, but(2, 'usr_1'))).toBe('42501');
    expect(await tried(foreign.id, ORDER, but(2, foreign.id))).toBe('42501');
  });

  it('takes no part of an order for another amount, another bot or another visitor', async () => {
    const { accountId, bot, other } = ours;
    const { visitor } = await ours.visitor('buyer');
    const { visitor: another } = await ours.visitor('another');
    const { visitor: elsewhere } = await ours.visitor('another', other);
    const id = newId('pur');
    const order = [
      id,
      accountId,
      visitor.id,
      endUserScope(bot.botId, visitor.id),
      product,
      'eu_pack',
      '10000000',
      '500',
    ];
    const part = `INSERT INTO records.purchase_parts (purchase_id, account_id, bot_id, visitor_id, scope_id, credits)
      VALUES ($1, $2, $3, $4, $5, $6)`;
    const withPart = async (botId: string, visitorId: string, credits: string): Promise<unknown> =>
      tried(visitor.id, ORDER, order, part, [id, accountId, botId, visitorId, endUserScope(botId, visitorId), credits]);
    expect(await withPart(bot.botId, visitor.id, '10000000')).toBe('done');
    expect(await withPart(bot.botId, visitor.id, '20000000')).toBe('42501');
    expect(await withPart(bot.botId, another.id, '10000000')).toBe('42501');
    expect(await withPart(other.botId, elsewhere.id, '10000000')).toBe('42501');
    // What is paid is added to by nobody.
    const paid = await ours.ordered();
    const late = [paid.id, accountId, bot.botId, another.id, endUserScope(bot.botId, another.id), '10000000'];
    expect(await tried(paid.shopper.visitor.id, part, late)).toBe('42501');
  });
});
