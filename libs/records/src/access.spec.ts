// Goal: a person's words and keys are seen by nobody but their own tenant. Method: the roles log in as in production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, TenantDatabase, withClient, type Tenant } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { hashApiKey, findApiKey } from './bots.js';
import { listPlans, listPlansFor, publishPlan } from './plans.js';
import { recordsEntities } from './rows/index.js';
import { promptRef, readTexts, saveText } from './texts.js';

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

async function openTenant(): Promise<Tenant & { readonly key: string }> {
  const [accountId, subject, key] = [newId('acc'), newId('bot'), `fm_live_${newId('key')}`];
  const { manager } = db.entities;
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  await manager.query(
    `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations, default_max_credits)
     VALUES ($1, $2, 'chat', 'B', 'demo-chat', 1, 1000000)`,
    [subject, accountId],
  );
  await manager.query(
    `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
     VALUES ($1, $2, $3, 'fm_live', $4, '{submit}')`,
    [newId('key'), accountId, subject, hashApiKey(key)],
  );
  return { accountId, subject, key };
}

const textOf = (tenant: Tenant, body: string): Parameters<typeof saveText>[1] => ({
  id: newId('txt'),
  accountId: tenant.accountId,
  subject: tenant.subject,
  purpose: 'prompt',
  body,
});

async function refusal(sql: string): Promise<string | null> {
  return withClient(db.database.readerUrl, async (client) => {
    const who = await client.query<{ current_user: string }>('SELECT current_user');
    expect(who.rows).toEqual([{ current_user: 'fm_reader' }]);
    try {
      await client.query(sql);
      return null;
    } catch (error) {
      return (error as { code?: string }).code ?? 'no code';
    }
  });
}

describe('a reader', () => {
  it.each(['accounts', 'bots', 'texts'])('sees of %s its own tenant and nothing without one', async (table) => {
    const [ours, theirs] = [await openTenant(), await openTenant()];
    for (const tenant of [ours, theirs]) await saveText(db.entities.manager, textOf(tenant, 'words'));
    const column = table === 'accounts' ? 'id' : 'account_id';
    const look = async (tx: { query: (sql: string) => Promise<unknown> }): Promise<string[]> => {
      expect(await tx.query('SELECT current_user')).toEqual([{ current_user: 'fm_reader' }]);
      const rows = (await tx.query(`SELECT ${column} AS account FROM records.${table}`)) as { account: string }[];
      return rows.map((row) => row.account);
    };
    expect(await reader.asTenant(ours, look)).toEqual([ours.accountId]);
    expect(await reader.asTenant(theirs, look)).toEqual([theirs.accountId]);
    expect(await reader.beforeTenant(look)).toEqual([]);
  });

  it('[E22] sees of plans what is everybody\u2019s and what was agreed with its own account', async () => {
    const [ours, theirs] = [await openTenant(), await openTenant()];
    const [free] = await listPlans(db.entities.manager);
    if (free === undefined) throw new Error('no plan is published');
    const own = { ...free, planId: `plan_${newId('cpr')}`, custom: true, billingPeriod: free.creditPeriod };
    await publishPlan(db.entities.manager, own, ours.accountId);
    const seen = async (tenant: Tenant): Promise<boolean[]> =>
      reader.asTenant(tenant, async (tx) =>
        [await listPlans(tx), await listPlansFor(tx, ours.accountId)].map((plans) =>
          plans.some(({ planId }) => planId === own.planId),
        ),
      );
    expect(await seen(ours)).toEqual([true, true]);
    expect(await seen(theirs)).toEqual([false, false]);
    const byNobody = await reader.beforeTenant(listPlans);
    expect(byNobody.map(({ planId }) => planId)).toContain(free.planId);
    expect(byNobody.map(({ planId }) => planId)).not.toContain(own.planId);
  });

  it('cannot read keys, only ask whose a known key is', async () => {
    const { accountId, subject, key } = await openTenant();
    expect(await refusal('SELECT * FROM records.api_keys')).toBe('42501');
    const found = await reader.beforeTenant((tx) => findApiKey(tx, hashApiKey(key)));
    expect(found).toMatchObject({ accountId, botId: subject, scopes: ['submit'], revokedAt: null, expiresAt: null });
    expect(await reader.beforeTenant((tx) => findApiKey(tx, hashApiKey(`${key}x`)))).toBeNull();
    expect(await reader.beforeTenant((tx) => findApiKey(tx, key))).toBeNull();
  });

  it('adds a prompt of its own, and no text of another tenant, another subject or another purpose', async () => {
    const [ours, theirs] = [await openTenant(), await openTenant()];
    const save = (text: Parameters<typeof saveText>[1]): Promise<void> =>
      reader.asTenant(ours, (tx) => saveText(tx, text));
    await save(textOf(ours, 'mine'));
    for (const text of [
      textOf(theirs, 'not mine'),
      textOf({ ...ours, subject: theirs.subject }, 'not mine'),
      { ...textOf(ours, 'no prompt'), purpose: 'answer' as const },
    ]) {
      await expect(save(text)).rejects.toMatchObject({ code: '42501' });
    }
    expect(await refusal("UPDATE records.texts SET body = ''")).toBe('42501');
    expect(await refusal('DELETE FROM records.texts')).toBe('42501');
  });

  it('cannot write what anybody pays or may do', async () => {
    for (const table of ['plans', 'accounts', 'rate_cards', 'model_prices', 'workers', 'job_versions']) {
      expect([table, await refusal(`INSERT INTO records.${table} DEFAULT VALUES`)]).toEqual([table, '42501']);
      expect([table, await refusal(`DELETE FROM records.${table}`)]).toEqual([table, '42501']);
    }
    for (const table of ['bots', 'api_keys', 'bot_guides', 'bot_transfers', 'products', 'replies']) {
      expect([table, await refusal(`DELETE FROM records.${table}`)]).toEqual([table, '42501']);
    }
  });

  it('sets up bots and keys of its own tenant, moves none away, and gives back no other secret', async () => {
    const [ours, theirs] = [await openTenant(), await openTenant()];
    const tried = async (sql: string, of: readonly unknown[]): Promise<unknown> =>
      reader.asTenant(ours, async (tx) => tx.query<unknown>(sql, [...of]));
    const refused = { code: '42501' };
    const bot = `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations,
      default_max_credits) VALUES ($1, $2, 'chat', 'B', 'demo-chat', 1, 1000000)`;
    await tried(bot, [newId('bot'), ours.accountId]);
    await expect(tried(bot, [newId('bot'), theirs.accountId])).rejects.toMatchObject(refused);
    const key = `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
      VALUES ($1, $2, NULL, 'fm_live_', $1, '{read}')`;
    await tried(key, [newId('key'), ours.accountId]);
    await expect(tried(key, [newId('key'), theirs.accountId])).rejects.toMatchObject(refused);
    for (const column of ['account_id', 'secret_hash']) {
      await expect(tried(`UPDATE records.api_keys SET ${column} = $1`, ['x'])).rejects.toMatchObject(refused);
    }
    await expect(tried('UPDATE records.bots SET account_id = $1', [ours.accountId])).rejects.toMatchObject(refused);
    await tried("UPDATE records.bots SET name = 'renamed'", []);
    await tried('UPDATE records.api_keys SET revoked_at = clock_timestamp()', []);
    const untouched = await reader.asTenant(theirs, async (tx) =>
      tx.query<unknown>('SELECT b.name, k.revoked_at FROM records.bots b JOIN records.api_keys k ON k.bot_id = b.id'),
    );
    expect(untouched).toEqual([{ name: 'B', revoked_at: null }]);
  });

  it('adds versions to its own bots alone and alters none', async () => {
    const [ours, theirs] = [await openTenant(), await openTenant()];
    const add = `INSERT INTO records.bot_guides (bot_id, kind, version, body, bytes, tokens, made_by_role, made_by_id)
      VALUES ($1, 'profile', 1, '{}', 0, 0, 'owner', 'usr_1')`;
    const tried = async (sql: string, of: readonly unknown[]): Promise<unknown> =>
      reader.asTenant(ours, async (tx) => tx.query<unknown>(sql, [...of]));
    await tried(add, [ours.subject]);
    await expect(tried(add, [theirs.subject])).rejects.toMatchObject({ code: '42501' });
    await expect(tried("UPDATE records.bot_guides SET body = '{}'", [])).rejects.toMatchObject({ code: '42501' });
    expect(await tried('SELECT bot_id FROM records.bot_guides', [])).toEqual([{ bot_id: ours.subject }]);
  });
});

describe('texts', () => {
  it('come back as they were written, in any script, and the same id is written once', async () => {
    const tenant = await openTenant();
    const body = 'Zähle die Wörter — 数える 👩‍💻\n\ttab "quoted" \\ ';
    const text = textOf(tenant, body);
    await saveText(db.entities.manager, text);
    await saveText(db.entities.manager, { ...text, body: 'another' });
    expect(await readTexts(db.entities.manager, [text.id, 'txt_unknown'])).toEqual(new Map([[text.id, body]]));
  });

  it('keep a place for the one character that the database cannot hold', async () => {
    const tenant = await openTenant();
    const text = textOf(tenant, 'a\0b');
    await saveText(db.entities.manager, text);
    expect((await readTexts(db.entities.manager, [text.id])).get(text.id)).toBe('a\uFFFDb');
  });

  it('[edge 19] have ids that differ where the key or the body differs', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(new Set([promptRef(a, a), promptRef(a, b), promptRef(b, a), promptRef(b, b)]).size).toBe(4);
    expect(promptRef(a, b)).toBe(promptRef(a, b));
  });
});
