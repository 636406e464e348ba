// Goal: people are seen by their own tenant alone, and nobody makes themself an owner. Method: the roles log in as in
// production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import type { Tenant } from '@fairmeter/platform/database';
import { newId, TenantDatabase, withClient } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { closeAccount, readAccount } from './accounts.js';
import { invite, join, listInvitations, listMembers } from './members.js';
import type { Person } from './people.js';
import { endSession, findPerson, findSession, newSecret, openSession, signUp } from './people.js';
import { recordsEntities } from './rows/index.js';

let db: LedgerDatabase;
let reader: TenantDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 1,
    entities: recordsEntities,
    applicationName: 'test-reader',
  });
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

const identity = () => ({ issuer: 'https://issuer.test', subject: newId('usr'), email: 'a@example.test', name: 'A' });
const signedUp = async (): Promise<Person> => reader.beforeTenant(async (tx) => signUp(tx, identity(), null));
const tenantOfPerson = ({ userId, accounts }: Person): Tenant => ({
  accountId: accounts[0]?.accountId ?? '',
  subject: userId,
});

async function refusal(sql: string): Promise<string | null> {
  return withClient(db.database.readerUrl, async (client) => {
    expect((await client.query('SELECT current_user')).rows).toEqual([{ current_user: 'fm_reader' }]);
    return client.query(sql).then(
      () => null,
      (error: unknown) => (error as { code?: string }).code ?? 'no code',
    );
  });
}

describe('people', () => {
  it('are seen by their own tenant, and by nobody before a tenant is named', async () => {
    const [mine, other] = [await signedUp(), await signedUp()];
    const look = async (who: Tenant) => reader.asTenant(who, async (tx) => listMembers(tx, who.accountId));
    expect((await look(tenantOfPerson(mine))).map(({ userId }) => userId)).toEqual([mine.userId]);
    const peeking = { ...tenantOfPerson(mine), accountId: tenantOfPerson(other).accountId };
    const across = await reader.asTenant(tenantOfPerson(mine), async (tx) => listMembers(tx, peeking.accountId));
    expect(across).toEqual([]);
    for (const table of ['users', 'memberships']) {
      expect(await reader.beforeTenant(async (tx) => tx.query<unknown[]>(`SELECT * FROM records.${table}`))).toEqual(
        [],
      );
    }
    expect(await reader.beforeTenant(async (tx) => findPerson(tx, identity()))).toBeNull();
  });

  it('keep the hashes of invitations and sessions from the reader, and their rows from other tenants', async () => {
    expect(await refusal('SELECT token_hash FROM records.invitations')).toBe('42501');
    expect(await refusal('SELECT token_hash FROM records.sessions')).toBe('42501');
    const [mine, other] = [await signedUp(), await signedUp()];
    const who = tenantOfPerson(mine);
    const wish = { email: 'b@example.test', token: newSecret('fmi_'), invitedBy: mine.userId, expiresAt: instant(0) };
    await reader.asTenant(who, async (tx) => invite(tx, { ...wish, accountId: who.accountId }));
    const listed = async (as: Tenant) => reader.asTenant(as, async (tx) => listInvitations(tx, who.accountId));
    expect(await listed(who)).toHaveLength(1);
    expect(await listed(tenantOfPerson(other))).toEqual([]);
    const foreign = { ...wish, token: newSecret('fmi_'), accountId: tenantOfPerson(other).accountId };
    await expect(reader.asTenant(who, async (tx) => invite(tx, foreign))).rejects.toMatchObject({ code: '42501' });
  });

  it('join as members, each alone, and never as an owner', async () => {
    const [mine, guest] = [await signedUp(), await signedUp()];
    const { accountId } = tenantOfPerson(mine);
    const asGuest = { accountId, subject: guest.userId };
    const insert = `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)`;
    for (const row of [
      [accountId, guest.userId, 'owner'],
      [accountId, newId('usr'), 'member'],
      [tenantOfPerson(guest).accountId, guest.userId, 'member'],
    ]) {
      await expect(reader.asTenant(asGuest, async (tx) => tx.query<unknown[]>(insert, row))).rejects.toMatchObject({
        code: '42501',
      });
    }
    expect(await reader.asTenant(asGuest, async (tx) => join(tx, accountId, guest.userId))).toBe(true);
    expect(await reader.asTenant(asGuest, async (tx) => join(tx, accountId, guest.userId))).toBe(false);
  });
});

describe('a session', () => {
  it('is found by its secret alone, and not any more once it was ended', async () => {
    const { userId } = await signedUp();
    const token = newSecret('fms_');
    const order = { token, userId, staffRole: null, expiresAt: instant(Date.now() + 60_000) };
    await reader.beforeTenant(async (tx) => openSession(tx, order));
    const find = async (secret: string) => reader.beforeTenant(async (tx) => findSession(tx, secret));
    expect(await find(token)).toMatchObject({ person: { userId }, staffRole: null, expiresAt: order.expiresAt });
    expect(await find(`${token}x`)).toBeNull();
    await reader.beforeTenant(async (tx) => endSession(tx, token));
    expect(await find(token)).toBeNull();
  });
});

describe('the status of an account', () => {
  it('is closed by its tenant, for good, and otherwise set by no tenant', async () => {
    const who = tenantOfPerson(await signedUp());
    const set = `UPDATE records.accounts SET status = $1 WHERE id = $2`;
    const asReader = async (status: string) =>
      reader.asTenant(who, async (tx) => tx.query<unknown[]>(set, [status, who.accountId]));
    await expect(asReader('suspended')).rejects.toThrow(/by nobody through the API/);
    await reader.asTenant(who, async (tx) => closeAccount(tx, who.accountId));
    expect(await reader.asTenant(who, async (tx) => readAccount(tx, who.accountId))).toMatchObject({
      status: 'closed',
    });
    await expect(asReader('active')).rejects.toThrow(/closed for good/);
    await expect(db.entities.manager.query(set, ['active', who.accountId])).rejects.toThrow(/closed for good/);
  });
});
