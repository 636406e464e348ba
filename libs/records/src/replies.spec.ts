// Goal: a stored answer is its own tenant's, and goes after 30 days. Method: the roles as they log in.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { findReply, saveReply, sweepReplies } from './replies.js';
import { recordsEntities } from './rows/index.js';

const DAY_MS = 86_400_000;

let db: LedgerDatabase;
let reader: TenantDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  const url = db.database.readerUrl;
  reader = await TenantDatabase.open({
    url,
    maxConnections: 1,
    entities: recordsEntities,
    applicationName: 'test-reader',
  });
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

describe('a stored answer', () => {
  it('is found by its own tenant, is stored once, and goes once it is 30 days old', async () => {
    const [mine, other] = [newId('acc'), newId('acc')].map((accountId) => ({ accountId, subject: accountId }));
    if (mine === undefined || other === undefined) throw new Error('two tenants');
    const reply = { keyHash: newId('req'), bodyHash: 'b', answer: { secret: null } };
    await reader.asTenant(mine, async (tx) => saveReply(tx, mine.accountId, reply));
    await reader.asTenant(mine, async (tx) => saveReply(tx, mine.accountId, { ...reply, bodyHash: 'c' }));
    expect(await reader.asTenant(mine, async (tx) => findReply(tx, reply.keyHash))).toEqual(reply);
    expect(await reader.asTenant(other, async (tx) => findReply(tx, reply.keyHash))).toBeNull();
    const foreign = { ...reply, keyHash: newId('req') };
    await expect(reader.asTenant(other, async (tx) => saveReply(tx, mine.accountId, foreign))).rejects.toMatchObject({
      code: '42501',
    });
    const { manager } = db.entities;
    expect(await sweepReplies(manager, instant(Date.now() + 29 * DAY_MS))).toBe(0);
    expect(await sweepReplies(manager, instant(Date.now() + 31 * DAY_MS))).toBe(1);
    expect(await reader.asTenant(mine, async (tx) => findReply(tx, reply.keyHash))).toBeNull();
  });
});
