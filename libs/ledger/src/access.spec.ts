// Goal: the walls stand in the database itself: what is written stays, a reader sees its own tenant alone, and no role
// can walk through. Method: the three roles log in as they do in production; every test says which one it runs as.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accountScope } from '@fairmeter/domain';
import {
  EntityDatabase,
  newId,
  TenantDatabase,
  withClient,
  WriterDatabase,
  type Tenant,
} from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { admitOrder, beginOrder, botTerms, creditsOf, T0 } from '../../../test/harness/orders.js';

let db: LedgerDatabase;
let reader: TenantDatabase;
let ours: Tenant;
let theirs: Tenant;

const TABLES = [
  'scopes',
  'terms',
  'limits',
  'operations',
  'lots',
  'holds',
  'hold_lines',
  'counters',
  'hold_counters',
  'entries',
  'jobs',
  'steps',
  'attempts',
  'outbox',
];
const APPEND_ONLY = ['entries', 'operations', 'terms', 'limits', 'outbox', 'loop_findings'];

async function openTenant(): Promise<Tenant> {
  const accountId = await db.account('100');
  const change = { owner: { scopeId: accountScope(accountId), accountId }, changeKey: 'first', asOf: T0 };
  await db.terms.setTerms({ ...change, order: { zone: 'UTC' } });
  const spend = { kind: 'spend', subject: '', period: 'day', amount: creditsOf('50') } as const;
  await db.terms.setLimits({ ...change, order: [spend] });
  const jobId = newId('job');
  await db.jobs.admit(accountId, T0, admitOrder(jobId, { bot: botTerms({ accountId }), limitRefs: [spend] }));
  await db.jobs.beginStep({ payer: { accountId, jobId }, tryKey: '1', asOf: T0, order: beginOrder(1) });
  return { accountId, subject: 'bot_1' };
}

beforeAll(async () => {
  db = await LedgerDatabase.open();
  // One connection, so that tenants must take turns on it.
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 1,
    entities: [],
    applicationName: 'test-reader',
  });
  ours = await openTenant();
  theirs = await openTenant();
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

/** Runs as `role` and gives the SQLSTATE the server refused with, or null where it did not refuse. */
async function refusal(role: 'fm_owner' | 'fm_writer' | 'fm_reader', sql: string): Promise<string | null> {
  const urls = { fm_owner: db.database.ownerUrl, fm_writer: db.database.writerUrl, fm_reader: db.database.readerUrl };
  return withClient(urls[role], async (client) => {
    const who = await client.query<{ current_user: string }>('SELECT current_user');
    expect(who.rows).toEqual([{ current_user: role }]);
    try {
      await client.query(sql);
      return null;
    } catch (error) {
      return (error as { code?: string }).code ?? 'no code';
    }
  });
}

async function seen(tenant: Tenant | null, table: string): Promise<string[]> {
  const sql = `SELECT DISTINCT account_id, current_user FROM ledger.${table}`;
  const work = async (tx: { query: (sql: string) => Promise<unknown> }): Promise<string[]> => {
    const who = (await tx.query('SELECT current_user')) as { current_user: string }[];
    expect(who).toEqual([{ current_user: 'fm_reader' }]);
    const rows = (await tx.query(sql)) as { account_id: string }[];
    return rows.map((row) => row.account_id);
  };
  return tenant === null ? reader.beforeTenant(work) : reader.asTenant(tenant, work);
}

const NOT_GRANTED = '42501';
const APPEND_ONLY_TRIGGER = 'FM001';

describe('what is written stays', () => {
  const changes = APPEND_ONLY.flatMap((table) => [
    [table, `UPDATE ledger.${table} SET account_id = account_id`],
    [table, `DELETE FROM ledger.${table}`],
    [table, `TRUNCATE ledger.${table} CASCADE`],
  ]);

  it.each(changes)('%s: fm_writer may not %s', async (_, sql) => {
    expect(await refusal('fm_writer', sql)).toBe(NOT_GRANTED);
  });

  it.each(changes)('%s: not even fm_owner, who owns the table, may %s', async (_, sql) => {
    expect(await refusal('fm_owner', sql)).toBe(APPEND_ONLY_TRIGGER);
  });

  it('fm_writer may not take away rows of any table', async () => {
    for (const table of TABLES) {
      expect([table, await refusal('fm_writer', `DELETE FROM ledger.${table}`)]).toEqual([table, NOT_GRANTED]);
    }
  });

  it('fm_reader does not see how far our own consumers have come', async () => {
    expect(await refusal('fm_reader', 'SELECT 1 FROM ledger.outbox_cursors')).toBe(NOT_GRANTED);
  });

  it('fm_writer may not lift the trigger, the policies or its own limits', async () => {
    for (const sql of [
      'ALTER TABLE ledger.entries DISABLE TRIGGER append_only',
      'ALTER TABLE ledger.entries NO FORCE ROW LEVEL SECURITY',
      'DROP POLICY own_tenant ON ledger.entries',
      'SET ROLE fm_owner',
      'ALTER ROLE fm_writer SUPERUSER',
      "SET session_replication_role = 'replica'",
    ]) {
      expect([sql, await refusal('fm_writer', sql)]).toEqual([sql, NOT_GRANTED]);
    }
  });
});

describe('what the tables refuse, whoever writes', () => {
  it.each([
    ['lot.never-negative: a lot below nothing', 'UPDATE ledger.lots SET open = -1'],
    ['lot.never-negative: a lot above its grant', 'UPDATE ledger.lots SET open = granted, held = 1'],
    ['refund.at-most-charged: more refunded than charged', 'UPDATE ledger.jobs SET refunded = charge + 1'],
    ['[C9] a charge beyond the budget', 'UPDATE ledger.jobs SET charge = max_credits + 1'],
    ['[F6] an ended job that still holds', "UPDATE ledger.jobs SET ended_at = now(), end_reason = 'x', held = 1"],
    ['ledger.sum-zero: an entry of nothing', entry("'a', 'b', 0")],
    ['ledger.sum-zero: an entry from an account to itself', entry("'a', 'a', 1")],
  ])('%s', async (_, sql) => {
    expect(await refusal('fm_writer', sql)).toBe('23514');
  });

  it('two open attempts of one step, and two billable ones', async () => {
    for (const column of ["state = 'open'", "charge_class = 'billable'"]) {
      const [name, value] = column.split(' = ');
      const sql = `INSERT INTO ledger.attempts (job_id, ordinal, number, account_id, started_at, state, charge_class)
        SELECT job_id, ordinal, n, account_id, started_at, ${name === 'state' ? (value ?? '') : "'ended'"},
          ${name === 'state' ? 'NULL' : (value ?? '')} FROM ledger.attempts, generate_series(5, 6) n`;
      expect(await refusal('fm_writer', sql)).toBe('23505');
    }
  });
});

function entry(values: string): string {
  return `INSERT INTO ledger.entries (scope_id, scope_seq, account_id, operation_key, from_account, to_account, amount,
    effective_at) SELECT scope_id, 99, account_id, key, ${values}, now() FROM ledger.operations LIMIT 1`;
}

describe('a reader', () => {
  it.each(TABLES)('sees of %s the rows of its own tenant, none of another and none without one', async (table) => {
    expect(await seen(ours, table)).toEqual([ours.accountId]);
    expect(await seen(theirs, table)).toEqual([theirs.accountId]);
    expect(await seen(null, table)).toEqual([]);
    expect(await seen({ accountId: newId('acc'), subject: 'bot_1' }, table)).toEqual([]);
  });

  it('sees nothing of one tenant in the turn of the next, on the one connection of its pool', async () => {
    const turns = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? ours : theirs));
    const all = await Promise.all(turns.map((tenant) => seen(tenant, 'entries')));
    expect(all).toEqual(turns.map((tenant) => [tenant.accountId]));
    const failing = reader.asTenant(ours, async (tx) => tx.query<unknown[]>('SELECT 1 / 0'));
    await expect(failing).rejects.toThrow();
    expect(await seen(null, 'entries')).toEqual([]);
  });

  it('cannot name a tenant that is a piece of SQL', async () => {
    const accountId = "x', true); DROP TABLE ledger.entries; --";
    await expect(reader.asTenant({ accountId, subject: 's' }, async () => 1)).rejects.toThrow('not an id');
  });

  it('cannot write a table of the ledger', async () => {
    for (const table of TABLES) {
      for (const sql of [`INSERT INTO ledger.${table} DEFAULT VALUES`, `DELETE FROM ledger.${table}`]) {
        expect([sql, await refusal('fm_reader', sql)]).toEqual([sql, NOT_GRANTED]);
      }
      expect([table, await refusal('fm_reader', `UPDATE ledger.${table} SET account_id = ''`)]).toEqual([
        table,
        NOT_GRANTED,
      ]);
    }
  });
});

describe('start-up', () => {
  const options = { maxConnections: 1, entities: [], applicationName: 'test-mighty' };

  it.each([
    ['the writer', (url: string) => WriterDatabase.open({ ...options, url })],
    ['entities', (url: string) => EntityDatabase.open({ ...options, url })],
    ['tenants', (url: string) => TenantDatabase.open({ ...options, url })],
  ])('refuses a superuser as the login of %s', async (_, open) => {
    await expect(open(db.database.adminUrl)).rejects.toThrow(/superuser or bypasses row-level security/);
  });

  it('finds none of the three roles mighty', async () => {
    const rows = await db.writer.query(
      `SELECT rolname FROM pg_roles WHERE rolname IN ('fm_owner', 'fm_writer', 'fm_reader')
        AND NOT rolsuper AND NOT rolbypassrls AND NOT rolcreaterole ORDER BY rolname`,
    );
    expect(rows.map((row) => (row as { rolname: string }).rolname)).toEqual(['fm_owner', 'fm_reader', 'fm_writer']);
  });
});
