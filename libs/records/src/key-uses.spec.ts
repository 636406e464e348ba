// Goal: two processes that note the same keys at the same time both do, whatever the order in which each has met them.
// Method: two connections as the API has them, and a third that keeps one key locked until both of them wait.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, TenantDatabase, withClient } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { until } from '../../../test/harness/until.js';
import { noteKeysUsed } from './api-keys.js';
import { recordsEntities } from './rows/index.js';

/** So many that Postgres looks each key up by itself, in the order in which it is asked for them. */
const KEYS = 3_000;
const PROCESSES = ['test-api-1', 'test-api-2'] as const;

let db: LedgerDatabase;
let processes: readonly TenantDatabase[];
const accountId = newId('acc');

beforeAll(async () => {
  db = await LedgerDatabase.open();
  await db.entities.manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  await db.entities.manager.query(
    `INSERT INTO records.api_keys (id, account_id, prefix, secret_hash, scopes)
     SELECT 'key_' || lpad(n::text, 6, '0'), $1, 'fm_live', 'hash ' || n, '{read}' FROM generate_series(1, $2::int) n`,
    [accountId, KEYS],
  );
  await withClient(db.database.ownerUrl, async (owner) => owner.query('ANALYZE records.api_keys'));
  processes = await Promise.all(
    PROCESSES.map(async (applicationName) =>
      TenantDatabase.open({
        url: db.database.readerUrl,
        maxConnections: 1,
        entities: recordsEntities,
        applicationName,
      }),
    ),
  );
}, 60_000);
afterAll(async () => {
  for (const one of processes) await one.close();
  await db.close();
}, 60_000);

async function waiting(): Promise<number> {
  return withClient(db.database.adminUrl, async (admin) => {
    const { rows } = await admin.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND application_name = ANY ($1)`,
      [PROCESSES],
    );
    return rows.length;
  });
}

async function usedAt(ids: readonly string[]): Promise<number[]> {
  const rows = await db.entities.manager.query<{ last_used_at: Date | null }[]>(
    'SELECT last_used_at FROM records.api_keys WHERE id = ANY ($1) ORDER BY id',
    [ids],
  );
  return rows.map((row) => row.last_used_at?.getTime() ?? 0);
}

/** Both are under way and wait before the first of them may end. */
async function notedAtOnce(between: string, batches: readonly ReadonlyMap<string, number>[]): Promise<unknown[]> {
  const noting = await db.entities.transaction(async (tx) => {
    await tx.query('SELECT FROM records.api_keys WHERE id = $1 FOR UPDATE', [between]);
    const under = Promise.allSettled(
      batches.map(async (batch, index) => processes[index]?.beforeTenant(async (one) => noteKeysUsed(one, batch))),
    );
    await until(waiting, (count) => count === batches.length);
    return [under];
  });
  const outcomes = await Promise.all(noting);
  return outcomes.flat().map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : outcome.status));
}

describe('when keys were last used', () => {
  const keys = ['key_000010', 'key_000020', 'key_000030'];

  it('is noted by two processes at once that have met the keys in opposite orders', async () => {
    const [early, late] = [1_800_000_000_000, 1_800_000_060_000];
    const batches = [
      new Map(keys.map((id) => [id, late])),
      // The last key was seen by this one alone so late.
      new Map([...keys].reverse().map((id, index) => [id, index === 0 ? late + 1 : early])),
    ];
    expect(await notedAtOnce('key_000020', batches)).toEqual(['fulfilled', 'fulfilled']);
    expect(await usedAt(keys)).toEqual([late, late, late + 1]);
  }, 30_000);

  it('says nothing of a key that is not there, and an older use says nothing new', async () => {
    const [one] = processes;
    const [before] = await usedAt(['key_000010']);
    const older = new Map([
      ['key_none', 1_900_000_000_000],
      ['key_000010', 1_700_000_000_000],
      ['key_000040', 1_700_000_000_000],
    ]);
    await one?.beforeTenant(async (tx) => noteKeysUsed(tx, older));
    expect(await usedAt(['key_000010', 'key_000040'])).toEqual([before, 1_700_000_000_000]);
  });
});
