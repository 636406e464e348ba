// Goal: a visitor's transaction sees what is that visitor's own, whatever a statement of ours forgets. Method: the
// reader's role logs in as in production, on one connection, and reads whole tables as one visitor after the other.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accountScope, endUserScope } from '@fairmeter/domain';
import { newId, TenantDatabase, type Tenant } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { admitOrder, beginOrder, botTerms, creditsOf, grantOrder, T0 } from '../../../test/harness/orders.js';
import { recordsEntities } from './rows/index.js';

interface OwnVisitor extends Tenant {
  readonly scopeId: string;
  readonly jobId: string;
}

let db: LedgerDatabase;
let reader: TenantDatabase;
let accountId: string;
const botId = newId('bot');
const otherBotId = newId('bot');
let owner: Tenant;
let ann: OwnVisitor;
let ben: OwnVisitor;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  // One connection, so that visitors must take turns on it.
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 1,
    entities: recordsEntities,
    applicationName: 'test-visitors',
  });
  accountId = await db.account('1000');
  owner = { accountId, subject: newId('usr') };
  await openAccount();
  ann = await openVisitor();
  ben = await openVisitor();
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

async function write(sql: string, values: readonly unknown[]): Promise<void> {
  await db.entities.manager.query(sql, [...values]);
}

/** Something in every table of which a visitor must see nothing. */
async function openAccount(): Promise<void> {
  const userId = owner.subject;
  const change = { owner: { scopeId: accountScope(accountId), accountId }, changeKey: 'first', asOf: T0 };
  await db.terms.setTerms({ ...change, order: { zone: 'UTC' } });
  const amount = creditsOf('50');
  await db.terms.setLimits({ ...change, order: [{ kind: 'spend', subject: '', period: 'day', amount }] });
  await write(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  for (const id of [botId, otherBotId]) {
    await write(
      `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations,
       default_max_credits) VALUES ($1, $2, 'chat', 'B', 'demo-chat', 1, 1000000)`,
      [id, accountId],
    );
    await write(
      `INSERT INTO records.products (id, kind, account_id, pack_id, version, name, credits, price_minor, currency)
       VALUES ($1, 'pack', $2, $1, 1, 'Pack', 1000000, 100, 'eur')`,
      [id, accountId],
    );
    await write(
      `INSERT INTO records.product_allowances (product_id, account_id, bot_id, credits) VALUES ($1, $2, $1, 1000000)`,
      [id, accountId],
    );
  }
  await write(`INSERT INTO records.users (id, issuer, subject) VALUES ($1, 'issuer', $1)`, [userId]);
  await write(`INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'owner')`, [
    accountId,
    userId,
  ]);
  await write(
    `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
     VALUES ($1, $2, $3, 'fm_test', $1, '{read}')`,
    [newId('key'), accountId, botId],
  );
  await write(
    `INSERT INTO records.bot_guides (bot_id, kind, version, body, bytes, tokens, made_by_role, made_by_id)
     VALUES ($1, 'profile', 1, '{}', 0, 0, 'owner', $2)`,
    [botId, userId],
  );
  await write(`INSERT INTO records.replies (key_hash, account_id, body_hash, answer) VALUES ($1, $2, $1, '{}')`, [
    newId('req'),
    accountId,
  ]);
}

/** With a pack that the visitor bought, a job that it pays, words, and a line of the audit. */
async function openVisitor(): Promise<OwnVisitor> {
  const [subject, jobId] = [newId('vis'), newId('job')];
  const scopeId = endUserScope(botId, subject);
  const { lotId: _, ...pack } = grantOrder({ lotId: 'pack', kind: 'eu_pack', amount: creditsOf('100') });
  const granted = await db.grants.grant({ scopeId, accountId }, T0, pack);
  expect(granted.ok).toBe(true);
  const order = admitOrder(jobId, {
    bot: botTerms({ accountId, botId }),
    scopeId,
    payer: { funding: 'end_user', publicMayUseBonus: false },
    requester: { kind: 'visitor', id: subject },
    byVisitor: false,
  });
  const admitted = await db.jobs.admit(accountId, T0, order);
  expect(admitted).toMatchObject({ ok: true, value: { result: { outcome: 'admitted' } } });
  const begun = { payer: { accountId, jobId, scopeId }, tryKey: '1', asOf: T0, order: beginOrder(1) };
  expect((await db.jobs.beginStep(begun)).ok).toBe(true);
  await write(`INSERT INTO records.visitors (id, account_id, bot_id, pseudonym) VALUES ($1, $2, $3, 'somebody')`, [
    subject,
    accountId,
    botId,
  ]);
  const keyHash = `key-of-${jobId}`;
  await write(`INSERT INTO records.visitor_jobs (key_hash, account_id, bot_id, visitor_id) VALUES ($1, $2, $3, $4)`, [
    keyHash,
    accountId,
    botId,
    subject,
  ]);
  await write(
    `INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes) VALUES ($1, $2, $3, 'prompt', 'w', 1)`,
    [newId('txt'), accountId, subject],
  );
  await write(
    `INSERT INTO records.audit (id, account_id, actor_role, actor_id, action, target_id)
     VALUES ($1, $2, 'visitor', $3, 'visitor.created', $3)`,
    [newId('aud'), accountId, subject],
  );
  await write(
    `INSERT INTO records.review_cases (id, account_id, bot_id, job_id, somebody, channel, reporter_kind, reporter_id,
       state, key_hash, body_hash) VALUES ($1, $2, $3, $4, $5, 'form', 'visitor', $5, 'submitted', $1, $1)`,
    [newId('rvw'), accountId, botId, jobId, subject],
  );
  return { accountId, subject, scopeId, jobId };
}

async function rows<T>(tenant: Tenant | null, sql: string): Promise<T[]> {
  const work = async (tx: { query: (text: string) => Promise<unknown> }): Promise<T[]> => {
    expect(await tx.query('SELECT current_user')).toEqual([{ current_user: 'fm_reader' }]);
    return (await tx.query(sql)) as T[];
  };
  return tenant === null ? reader.beforeTenant(work) : reader.asTenant(tenant, work);
}

async function count(tenant: Tenant | null, table: string): Promise<number> {
  const [row] = await rows<{ n: number }>(tenant, `SELECT count(*)::int AS n FROM ${table}`);
  return row?.n ?? -1;
}

/** By the column in which the own rows of a visitor differ from another one's. */
const OWN: Readonly<Record<string, (visitor: OwnVisitor) => string>> = {
  'ledger.scopes.id': ({ scopeId }) => scopeId,
  'ledger.lots.scope_id': ({ scopeId }) => scopeId,
  'ledger.entries.scope_id': ({ scopeId }) => scopeId,
  'ledger.operations.scope_id': ({ scopeId }) => scopeId,
  'ledger.holds.scope_id': ({ scopeId }) => scopeId,
  'ledger.jobs.id': ({ jobId }) => jobId,
  'ledger.steps.job_id': ({ jobId }) => jobId,
  'ledger.attempts.job_id': ({ jobId }) => jobId,
  'ledger.outbox.job_id': ({ jobId }) => jobId,
  'ledger.hold_lines.hold_id': ({ jobId }) => `hld_${jobId}`,
  'records.visitors.id': ({ subject }) => subject,
  'records.visitor_jobs.visitor_id': ({ subject }) => subject,
  'records.texts.subject': ({ subject }) => subject,
  'records.audit.actor_id': ({ subject }) => subject,
  'records.review_cases.reporter_id': ({ subject }) => subject,
  'records.bots.id': () => botId,
};

const NOTHING = [
  ...['bot_guides', 'users', 'memberships', 'replies'].map((name) => `records.${name}`),
  ...['terms', 'limits', 'counters', 'hold_counters'].map((name) => `ledger.${name}`),
];

describe('a visitor', () => {
  it.each(Object.entries(OWN))(
    '[B26] sees of %s the own rows alone, turn by turn on one connection',
    async (at, of) => {
      const [schema = '', table = '', column = ''] = at.split('.');
      const sql = `SELECT DISTINCT ${column} AS own FROM ${schema}.${table} WHERE ${column} IS NOT NULL`;
      for (const visitor of [ann, ben, ann, ben]) expect(await rows(visitor, sql)).toEqual([{ own: of(visitor) }]);
      expect(await rows(null, sql)).toEqual([]);
      expect(await rows({ accountId, subject: newId('vis') }, sql)).toEqual([]);
      expect((await rows({ accountId, subject: otherBotId }, sql)).length).toBeGreaterThan(1);
    },
  );

  it.each(NOTHING)('sees nothing of %s, whose rows are there for the owner', async (table) => {
    if (!table.endsWith('counters')) expect(await count(owner, table)).toBeGreaterThan(0);
    expect([await count(ann, table), await count(null, table)]).toEqual([0, 0]);
  });

  it('sees no key, nobody else\u2019s session and no invitation', async () => {
    expect(await rows(owner, 'SELECT id FROM records.api_keys')).toHaveLength(1);
    for (const table of ['api_keys', 'sessions', 'invitations']) {
      expect([table, await rows(ann, `SELECT id FROM records.${table}`)]).toEqual([table, []]);
    }
  });

  it('writes nothing into what is the owner\u2019s, and no order to pay for somebody else', async () => {
    const refused = { code: '42501' };
    const purchase = (scopeId: string): string =>
      `INSERT INTO records.purchases (id, account_id, buyer_id, scope_id, product_id, lot_kind, credits, price_minor,
         currency, key_hash, body_hash) VALUES ('${newId('pur')}', '${accountId}', '${ann.subject}', '${scopeId}',
         '${botId}', 'eu_pack', 1000000, 100, 'eur', '${newId('req')}', 'x')`;
    await rows(ann, purchase(ann.scopeId));
    for (const sql of [
      purchase(ben.scopeId),
      purchase(accountScope(accountId)),
      `INSERT INTO records.replies (key_hash, account_id, body_hash, answer) VALUES ('r', '${accountId}', 'x', '{}')`,
      `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
       VALUES ('key_1', '${accountId}', NULL, 'fm_live_', 'x', '{manage}')`,
      `INSERT INTO records.audit (id, account_id, actor_role, actor_id, action, target_id)
       VALUES ('aud_1', '${accountId}', 'owner', '${owner.subject}', 'bot.archived', '${botId}')`,
      `INSERT INTO records.products (id, kind, account_id, pack_id, version, name, credits, price_minor, currency)
       VALUES ('cheap', 'pack', '${accountId}', 'cheap', 1, 'Pack', 1000000, 1, 'eur')`,
    ]) {
      await expect(rows(ann, sql)).rejects.toMatchObject(refused);
    }
    for (const change of [
      `UPDATE records.bots SET name = 'mine'`,
      `UPDATE records.memberships SET role = 'member'`,
      `UPDATE records.accounts SET status = 'closed'`,
      'UPDATE records.products SET offered = false',
    ]) {
      await rows(ann, change);
    }
    expect(await rows(owner, 'SELECT DISTINCT name FROM records.bots')).toEqual([{ name: 'B' }]);
    expect(await rows(owner, `SELECT role FROM records.memberships`)).toEqual([{ role: 'owner' }]);
    expect(await rows(owner, `SELECT status FROM records.accounts`)).toEqual([{ status: 'active' }]);
    const bots = await rows(owner, 'SELECT id FROM records.products WHERE offered AND account_id IS NOT NULL');
    expect(bots).toHaveLength(2);
  });
});

describe('payments of subscriptions', () => {
  it('[B26] are seen by whose they are: the owner sees none of a visitor, and no visitor one of another', async () => {
    const paid = async (id: string, visitor: OwnVisitor | null): Promise<string> => {
      const scopeId = visitor?.scopeId ?? accountScope(accountId);
      await write(
        `INSERT INTO records.subscription_payments (id, account_id, bot_id, visitor_id, scope_id, key, why, plan_id,
           plan_version, price_minor, currency) VALUES ($1, $2, $3, $4, $5, $1, 'start', 'plan_free', 1, 100, 'eur')`,
        [id, accountId, visitor === null ? null : botId, visitor?.subject ?? null, scopeId],
      );
      return id;
    };
    const [ours, anns, bens] = [await paid('spy_1', null), await paid('spy_2', ann), await paid('spy_3', ben)];
    const seenBy = async (tenant: Tenant | null): Promise<unknown> =>
      (await rows<{ id: string }>(tenant, 'SELECT id FROM records.subscription_payments ORDER BY id')).map(
        ({ id }) => id,
      );
    expect([await seenBy(owner), await seenBy(ann), await seenBy(ben)]).toEqual([[ours], [anns], [bens]]);
    expect([await seenBy({ accountId, subject: 'staff/usr_1' }), await seenBy(null)]).toEqual([[ours, anns, bens], []]);
    // Also where the bot has moved on.
    expect(await seenBy({ accountId: newId('acc'), subject: ann.subject })).toEqual([anns]);
  });
});

describe('every table', () => {
  const READABLE = `SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS walled,
      EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd IN ('r', '*')
        AND p.polroles = ARRAY['fm_reader'::regrole::oid]) AS visitors
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('ledger', 'records') AND c.relkind = 'r'
      AND has_any_column_privilege('fm_reader', c.oid, 'SELECT') ORDER BY 1`;
  /** The same for everybody, and about nobody. */
  const FACTS = ['rate_cards', 'model_prices', 'unit_prices', 'workers', 'reconcile_marks'].map(
    (name) => `records.${name}`,
  );

  /** Whose status and whose offers a visitor is served by: the account's own row, and what it sells. */
  const OF_THE_ACCOUNT = ['accounts', 'plans', 'products', 'product_allowances'].map((name) => `records.${name}`);
  /** The platform's own are everybody's. */
  const OFFERED = ['records.products', 'records.plans'];

  it('that a reader may read has a wall for tenants and one for visitors, or is about nobody', async () => {
    const tables = await rows<{ name: string; walled: boolean; visitors: boolean }>(owner, READABLE);
    const open = tables.filter(({ walled }) => !walled).map(({ name }) => name);
    expect(open.sort()).toEqual([...FACTS].sort());
    const unwalled = tables.filter(({ walled, visitors }) => walled && !visitors).map(({ name }) => name);
    expect(unwalled.filter((name) => !OF_THE_ACCOUNT.includes(name))).toEqual([]);
    expect(tables.length).toBeGreaterThan(30);
    // What the platform itself offers is everybody's; of the account above another one sees no row of any table.
    const stranger = { accountId: newId('acc'), subject: newId('usr') };
    for (const { name, walled } of tables) {
      const of = OFFERED.includes(name) ? `${name} WHERE account_id IS NOT NULL` : name;
      if (walled) expect([name, await count(stranger, of), await count(null, of)]).toEqual([name, 0, 0]);
    }
  });
});
