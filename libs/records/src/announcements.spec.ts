// Goal: what is announced stands exactly where its change does, in the order of the commits, and is seen by its own.
// Method: real transactions that overlap; the roles log in as in production.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import type { Announcement } from './announcements.js';
import { announce, readNotices } from './announcements.js';
import { recordsEntities } from './rows/index.js';

let db: LedgerDatabase;
let reader: TenantDatabase;
let accountId: string;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 2,
    entities: recordsEntities,
    applicationName: 'test-notices',
  });
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

async function openAccount(): Promise<string> {
  const id = newId('acc');
  await db.entities.manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    [id],
  );
  return id;
}

beforeEach(async () => {
  accountId = await openAccount();
}, 60_000);

const news = (more: Partial<Announcement> = {}): Announcement => ({
  accountId,
  visitor: null,
  type: 'purchase.paid',
  about: 'pur_1',
  facts: { credits: '10.000000' },
  ...more,
});

const seen = async (of = accountId, subject = 'usr_1') =>
  reader.asTenant({ accountId: of, subject }, async (tx) =>
    readNotices(tx, { accountId: of, before: null, limit: 10 }),
  );

async function endpointFor(types: readonly string[]): Promise<string> {
  const id = newId('whk');
  await reader.asTenant({ accountId, subject: 'usr_1' }, async (tx) =>
    tx.query<unknown[]>(
      `INSERT INTO records.webhook_endpoints (id, account_id, url, description, event_types)
       VALUES ($1, $2, $3, '', $4)`,
      [id, accountId, 'https://receiver.test', types],
    ),
  );
  return id;
}

const queuedFor = async (endpointId: string): Promise<string[]> => {
  const rows = await db.entities.manager.query<{ type: string }[]>(
    'SELECT type FROM records.webhook_deliveries WHERE endpoint_id = $1 ORDER BY seq',
    [endpointId],
  );
  return rows.map(({ type }) => type);
};

describe('an announcement', () => {
  it('stands with its transaction, and goes with it', async () => {
    const endpointId = await endpointFor(['purchase.paid']);
    const undone = db.entities.transaction(async (tx) => {
      await announce(tx, news());
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    expect([await seen(), await queuedFor(endpointId)]).toEqual([[], []]);
    await db.entities.transaction(async (tx) => announce(tx, news()));
    expect(await seen()).toMatchObject([{ type: 'purchase.paid', about: 'pur_1', facts: { credits: '10.000000' } }]);
    expect(await queuedFor(endpointId)).toEqual(['purchase.paid']);
  });

  it('is numbered in the order of the commits: whoever goes on from a number misses none', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let began = (): void => undefined;
    const first = new Promise<void>((resolve) => (began = resolve));
    const slow = db.entities.transaction(async (tx) => {
      await announce(tx, news({ about: 'first' }));
      began();
      await held;
    });
    await first;
    const other = { accountId, subject: 'usr_1' };
    const quick = reader.asTenant(other, async (tx) => announce(tx, news({ about: 'second' })));
    // Of another account nobody waits.
    const elsewhere = await openAccount();
    await reader.asTenant({ accountId: elsewhere, subject: 'usr_2' }, async (tx) =>
      announce(tx, news({ accountId: elsewhere })),
    );
    expect(await seen()).toEqual([]);
    release();
    await Promise.all([slow, quick]);
    const all = await seen();
    expect(all.map(({ about }) => about)).toEqual(['second', 'first']);
    expect(all[0]?.seq).toBeGreaterThan(all[1]?.seq ?? 0n);
  });

  it('is said once under its key, and once for each endpoint that asked for its type', async () => {
    const [mine, deaf] = [await endpointFor(['credits.low']), await endpointFor(['job.ended'])];
    const low = news({ type: 'credits.low', onceKey: 'low/20/2027-01-01', mailTo: { to: 'owner' } });
    const say = async (): Promise<boolean> => db.entities.transaction(async (tx) => announce(tx, low));
    expect([await say(), await say()]).toEqual([true, false]);
    expect([await queuedFor(mine), await queuedFor(deaf)]).toEqual([['credits.low'], []]);
    const [mails] = await db.entities.manager.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM records.notice_mails m JOIN records.announcements a ON a.id = m.announcement_id
       WHERE a.account_id = $1`,
      [accountId],
    );
    expect(mails?.n).toBe(1);
  });

  it('is seen by its own account, and by the visitor whom it concerns', async () => {
    const visitor = { botId: 'bot_1', visitorId: 'vis_1' };
    await db.entities.transaction(async (tx) => {
      await announce(tx, news());
      await announce(tx, news({ type: 'review.changed', about: 'cas_1', visitor }));
    });
    expect(await seen()).toHaveLength(2);
    expect(await seen(accountId, 'vis_1')).toMatchObject([{ about: 'cas_1', visitor }]);
    expect(await seen(accountId, 'vis_2')).toEqual([]);
    expect(await seen(await openAccount())).toEqual([]);
    const foreign = reader.asTenant({ accountId: await openAccount(), subject: 'usr_2' }, async (tx) =>
      announce(tx, news()),
    );
    await expect(foreign).rejects.toMatchObject({ code: '42501' });
  });
});
