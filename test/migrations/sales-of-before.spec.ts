// Goal: what was sold before lines of sales were kept has its lines: their sum is what stands as paid. Method: a
// database as it was, a purchase in every state, and the migration.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import type { DatabaseOfBefore } from './database-of-before.js';
import { AN_ACCOUNT, databaseOfBefore } from './database-of-before.js';

/** The first that knows of lines. */
const SALES_SINCE = 1763700000056;

const ORDERED = new Date('2026-10-01T00:00:00Z');
const CHANGED = new Date('2026-10-02T00:00:00Z');

const BOT = `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations,
    default_max_credits) VALUES ('bot_1', 'acc_1', 'chat', 'B', 'demo-chat', 1, 1000000)`;
const VISITOR = `INSERT INTO records.visitors (id, account_id, bot_id, pseudonym)
  VALUES ('vis_1', 'acc_1', 'bot_1', 'visitor-one')`;
const PACK = `INSERT INTO records.products
    (id, kind, account_id, pack_id, version, name, credits, price_minor, currency)
  VALUES ('prd_1', 'pack', 'acc_1', 'bpk_1', 1, 'Pack', 1000000, 500, 'eur')`;
const PURCHASE = `INSERT INTO records.purchases (id, account_id, buyer_id, scope_id, product_id, lot_kind, credits,
    price_minor, currency, state, grants, key_hash, body_hash, created_at, changed_at)
  VALUES ($1, 'acc_1', 'vis_1', 'end_user/bot_1/vis_1', 'prd_1', 'eu_pack', 1000000, 500, 'eur', $2, $3, $1, 'b',
    '2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z')`;

const PLAN_PAID = `INSERT INTO records.subscription_payments (id, account_id, bot_id, visitor_id, scope_id, key, why,
    plan_id, plan_version, price_minor, currency, state, changed_at)
  VALUES ($1, 'acc_1', 'bot_1', 'vis_1', 'end_user/bot_1/vis_1', $1, 'start', 'plan_free', 1, 290, 'eur', $2,
    '2026-10-02T00:00:00Z')`;

describe('sales of before', () => {
  let database: DatabaseOfBefore;
  beforeAll(async () => {
    database = await databaseOfBefore(SALES_SINCE, async (client) => {
      for (const sql of [...AN_ACCOUNT, BOT, VISITOR, PACK]) await client.query(sql);
      for (const [id, state, grants] of [
        ['pur_paid', 'paid', 1],
        ['pur_back', 'reversed', 1],
        ['pur_never', 'reversed', 0],
        ['pur_open', 'pending', 0],
      ]) {
        await client.query(PURCHASE, [id, state, grants]);
      }
      for (const state of ['paid', 'failed', 'returned']) await client.query(PLAN_PAID, [`spy_${state}`, state]);
    });
  }, 60_000);
  afterAll(async () => {
    await database.drop();
  }, 60_000);

  it('[B27] are told in the order they came, and of what was never there nothing', async () => {
    const sql = `SELECT coalesce(purchase_id, payment_id) AS id, state, bot_id, product_name, visitor,
      amount_minor::int AS minor, at FROM records.sales ORDER BY seq`;
    const lines = await withClient(database.ownerUrl, async (client) => (await client.query(sql)).rows as unknown[]);
    const line = { bot_id: 'bot_1', product_name: 'Pack', visitor: 'visitor-one' };
    expect(lines).toEqual([
      { ...line, id: 'pur_back', state: 'paid', minor: 500, at: ORDERED },
      { ...line, id: 'pur_paid', state: 'paid', minor: 500, at: ORDERED },
      { ...line, id: 'pur_back', state: 'reversed', minor: -500, at: CHANGED },
      { ...line, id: 'spy_paid', product_name: 'free', state: 'paid', minor: 290, at: CHANGED },
    ]);
  });
});
