// Goal: what staff had asked for before it was looked after is not begun behind their backs, and what was let through
// then is. Method: a database as it was, a request in every state, and the migration.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import type { DatabaseOfBefore } from './database-of-before.js';
import { AN_ACCOUNT, databaseOfBefore } from './database-of-before.js';

/** The first that knows when to look. */
const LOOKED_AFTER_SINCE = 1763700000081;

const COMPENSATION = `INSERT INTO records.compensations
    (id, target, state, asked_by, asked_role, request_id, reason_ref, key_hash, body_hash, ended_at)
  VALUES ($1, '{}', $2, 'usr_1', 'support', 'req_1', $3, $3, $3, $4)`;
const GRANT = `INSERT INTO records.grants
    (id, account_id, kind, credits, reason_ref, state, asked_by, asked_role, key_hash, body_hash, lot_id)
  VALUES ($1, 'acc_1', 'admin', 1000000, 'txt_1', $2, 'usr_1', 'support', $1, 'b', $3)`;

const THEN = '2026-10-01T00:00:00Z';
/** Id, state, reason, end. */
const COMPENSATIONS = [
  ['preview', 'previewed', null, null],
  ['asked', 'previewing', 'r1', null],
  ['asked of a preview', 'previewed', 'r2', null],
  ['waits for a second person', 'requested', 'r3', null],
  ['let through', 'approved', 'r4', null],
  ['done', 'posted', 'r5', THEN],
];
/** Id, state, lot. */
const GRANTS = [
  ['waits for a second person', 'requested', null],
  ['let through', 'approved', null],
  ['turned down', 'rejected', null],
  ['done', 'notified', 'lot_1'],
];

let database: DatabaseOfBefore;

beforeAll(async () => {
  database = await databaseOfBefore(LOOKED_AFTER_SINCE, async (client) => {
    for (const sql of AN_ACCOUNT) await client.query(sql);
    for (const row of COMPENSATIONS) await client.query(COMPENSATION, row);
    for (const row of GRANTS) await client.query(GRANT, row);
  });
}, 60_000);
afterAll(async () => {
  await database.drop();
}, 60_000);

/** Of those that a sweep may come upon, now or once they are asked for. */
async function everDue(table: string): Promise<string[]> {
  const sql = `SELECT id FROM records.${table} WHERE look_at < clock_timestamp() + interval '2 minutes' ORDER BY id`;
  return withClient(database.ownerUrl, async (client) =>
    (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id),
  );
}

describe('what staff had asked for before', () => {
  it('[F19] is compensated by itself where it was let through, or is asked for from now on', async () => {
    expect(await everDue('compensations')).toEqual(['let through', 'preview']);
  });

  it('[F18] is granted by itself where it was let through', async () => {
    expect(await everDue('grants')).toEqual(['let through']);
  });

  it('is looked after where it is asked for from now on', async () => {
    await withClient(database.ownerUrl, async (client) => {
      await client.query(COMPENSATION, ['asked now', 'previewing', 'r6', null]);
      await client.query(GRANT, ['asked now', 'requested', null]);
    });
    expect(await everDue('compensations')).toContain('asked now');
    expect(await everDue('grants')).toContain('asked now');
  });
});
