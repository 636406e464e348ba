// Goal: nobody gives credits to themself, whatever the API's own code should say one day; a contribution counts once.
// Method: the roles log in as in production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credits, instant } from '@fairmeter/domain';
import type { Tenant } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import type { NewGrant } from './grants.js';
import { askForGrant, findGrantForStaff, readGrantsForStaff } from './grants.js';
import { noteStaffRole, signUp } from './people.js';
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

/** Somebody with an account, seen as its tenant. */
async function somebody(): Promise<Tenant> {
  const identity = { issuer: 'https://issuer.test', subject: newId('usr'), email: null, name: null };
  const { userId, accounts } = await reader.beforeTenant(async (tx) => signUp(tx, identity, null));
  return { accountId: accounts[0]?.accountId ?? '', subject: userId };
}

const STAFF = 'staff/';

/** Of the staff by the word of an issuer, in the account of somebody else. */
async function asStaff(role: 'support' | null = 'support'): Promise<Tenant> {
  const identity = { issuer: 'https://issuer.test', subject: newId('usr'), email: null, name: null };
  const { userId } = await reader.beforeTenant(async (tx) => {
    const known = await signUp(tx, identity, 'support');
    await noteStaffRole(tx, known, { role, at: instant(Date.now()) });
    return known;
  });
  return { ...(await somebody()), subject: `${STAFF}${userId}` };
}

function userOf({ subject }: Tenant): string {
  return subject.replace(STAFF, '');
}

function wish(tenant: Tenant, over: Partial<NewGrant> = {}): NewGrant {
  return {
    id: newId('grt'),
    accountId: tenant.accountId,
    kind: 'admin',
    credits: credits(10n),
    expiresAt: null,
    contribution: null,
    askedBy: { id: userOf(tenant), role: 'support' },
    reasonRef: newId('txt'),
    keyHash: newId('req'),
    bodyHash: 'body',
    ...over,
  };
}

const ask = async (tenant: Tenant, grant: NewGrant): Promise<boolean> =>
  reader.asTenant(tenant, async (tx) => askForGrant(tx, grant));

describe('grants', () => {
  it('are asked for by none of the account, in their own name, and for no other account', async () => {
    const staff = await asStaff();
    expect(await ask(staff, wish(staff))).toBe(true);
    const owner = await somebody();
    await expect(ask(owner, wish(owner))).rejects.toMatchObject({ code: '42501' });
    await expect(ask(staff, wish({ ...staff, subject: newId('usr') }))).rejects.toMatchObject({ code: '42501' });
    await expect(ask(staff, wish(owner, { askedBy: { id: userOf(staff), role: 'admin' } }))).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('go on by nobody through the API, and by nobody alone', async () => {
    const staff = await asStaff();
    const grant = wish(staff);
    await ask(staff, grant);
    const approve = `UPDATE records.grants SET state = 'approved', decided_by = $2 WHERE id = $1`;
    await expect(
      reader.asTenant(staff, async (tx) => tx.query<unknown[]>(approve, [grant.id, newId('usr')])),
    ).rejects.toMatchObject({ code: '42501' });
    const asWriter = async (by: string): Promise<unknown> =>
      db.writer.query({ text: approve, values: [grant.id, by] }).then(
        () => null,
        (error: unknown) => (error as { code?: string }).code,
      );
    expect([await asWriter(userOf(staff)), await asWriter(newId('usr'))]).toEqual(['23514', null]);
  });

  it('are seen by their own account, by no visitor, and of all accounts through one door alone', async () => {
    const staff = await asStaff();
    const grant = wish(staff);
    await ask(staff, grant);
    const seen = async (tenant: Tenant): Promise<string[]> => {
      const rows = await reader.asTenant(tenant, async (tx) =>
        tx.query<{ id: string }[]>('SELECT id FROM records.grants WHERE id = $1', [grant.id]),
      );
      return rows.map(({ id }) => id);
    };
    expect(await seen(staff)).toEqual([grant.id]);
    expect(await seen({ ...staff, subject: newId('vis') })).toEqual([]);
    expect(await seen(await somebody())).toEqual([]);
    const newest = { state: 'requested', before: null, limit: 1 } as const;
    const elsewhere = { accountId: '', subject: staff.subject };
    const all = await reader.asTenant(elsewhere, async (tx) => readGrantsForStaff(tx, newest));
    expect(all.map(({ id }) => id)).toEqual([grant.id]);
    const one = await reader.asTenant(elsewhere, async (tx) => findGrantForStaff(tx, grant.id));
    expect(one).toMatchObject({ accountId: staff.accountId, credits: grant.credits, state: 'requested', reason: null });
  });

  it('of all accounts are shown to somebody of the staff, and to nobody who only says so', async () => {
    const staff = await asStaff();
    await ask(staff, wish(staff));
    const seen = async (tenant: Tenant | null): Promise<number> => {
      const look: Parameters<typeof reader.beforeTenant<unknown[]>>[0] = async (tx) =>
        readGrantsForStaff(tx, { state: null, before: null, limit: 1 });
      return (await (tenant === null ? reader.beforeTenant(look) : reader.asTenant(tenant, look))).length;
    };
    const noMore = await asStaff(null);
    const owner = await somebody();
    const claimed = { ...owner, subject: `${STAFF}${owner.subject}` };
    expect(await seen(staff)).toBe(1);
    for (const tenant of [null, owner, claimed, noMore, { ...owner, subject: newId('vis') }]) {
      expect([tenant?.subject, await seen(tenant)]).toEqual([tenant?.subject, 0]);
    }
  });

  it('[E42] reward a contribution once in whatever account, and again where it was rejected', async () => {
    const [staff, elsewhere] = [await asStaff(), await asStaff()];
    const reference = `tracker/${newId('req')}`;
    const contribution = { rule: 'feedback', reference } as const;
    const first = wish(staff, { kind: 'community', contribution });
    expect(await ask(staff, first)).toBe(true);
    const shouted = { rule: 'bug_report', reference: reference.toUpperCase() } as const;
    const second = wish(elsewhere, { kind: 'community', contribution: shouted });
    expect(await ask(elsewhere, second)).toBe(false);
    await db.writer.query({ text: `UPDATE records.grants SET state = 'rejected' WHERE id = $1`, values: [first.id] });
    expect(await ask(elsewhere, second)).toBe(true);
  });
});
