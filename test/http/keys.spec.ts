// Keys on the real stack: made and shown once, rotated with both at work for a while, revoked at once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import type { TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

let stack: TestStack;
let bot: TestBot;
let owner: OwnerClient;

beforeAll(async () => {
  stack = await TestStack.open({ models: threeSteps().port, api: { KEY_USE_EVERY_MS: '50' } });
  await stack.startWorker();
  await stack.startApi();
  bot = await openBot(stack, { credits: '1000' });
  owner = await OwnerClient.open(stack, bot.accountId);
}, 60_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

const as = (key: string): BotClient => new BotClient(stack, { ...bot, key });
const statusWith = async (key: string): Promise<unknown[]> => {
  const { status, body } = await as(key).get('/v1/jobs');
  return [status, body['code']];
};
const ofBot = (): object => ({ bot_id: bot.botId, name: 'Shop', scopes: ['submit', 'read'] });

describe('a key', () => {
  it('is shown once, kept as a hash, and told again without its secret', async () => {
    const made = await owner.call('POST', '/v1/api-keys', { key: 'one', body: ofBot() });
    expect([made.status, made.body['replayed']]).toEqual([201, false]);
    const secret = String(made.body['secret']);
    // 32 bytes in base64url behind the prefix: more than 160 bits.
    expect(secret).toMatch(/^fm_live_[A-Za-z0-9_-]{43}$/);
    expect(made.body).toMatchObject({
      prefix: 'fm_live_',
      last4: secret.slice(-4),
      state: 'active',
      bot_id: bot.botId,
    });
    expect(await statusWith(secret)).toEqual([200, undefined]);
    const again = await owner.call('POST', '/v1/api-keys', { key: 'one', body: ofBot() });
    expect(again.body).toMatchObject({ id: made.body['id'], secret: null, replayed: true });
    const other = await owner.call('POST', '/v1/api-keys', { key: 'one', body: { ...ofBot(), name: 'Other' } });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
    const { manager } = stack.entities;
    for (const table of ['api_keys', 'replies', 'audit']) {
      const rows: unknown[] = await manager.query(`SELECT row_to_json(t)::text AS row FROM records.${table} t`);
      expect([table, JSON.stringify(rows).includes(secret.slice('fm_live_'.length))]).toEqual([table, false]);
    }
  });

  it('has no limit where it would never count: each environment refuses limits of keys of the other', async () => {
    const { accountId, botId } = await openBot(stack);
    const backend = await OwnerClient.open(stack, accountId);
    const keyOf = async (environment: string): Promise<unknown> => {
      const body = { name: 'Limited', environment, bot_id: botId, scopes: ['submit'] };
      return (await backend.call('POST', '/v1/api-keys', { body })).body['id'];
    };
    for (const [environment, elsewhere] of [
      ['test', 'live'],
      ['live', 'test'],
    ] as const) {
      const limit = { kind: 'key', subject: await keyOf(environment), period: 'total', amount: '5' };
      const put = async (place: string, amount: string | null): Promise<[number, Record<string, unknown>]> => {
        const body = { limits: [{ ...limit, amount }] };
        const { status, body: told } = await backend.call('PUT', `/v1/account/limits?environment=${place}`, { body });
        return [status, told];
      };
      const refused = [422, { code: 'validation_failed', errors: [{ pointer: '/limits/0/subject' }] }];
      expect(await put(elsewhere, '5')).toMatchObject(refused);
      const body = { limits: [limit] };
      const preview = await backend.call('POST', `/v1/account/limits/preview?environment=${elsewhere}`, { body });
      expect([preview.status, preview.body]).toMatchObject(refused);
      // One of before, when this was accepted, can be taken away.
      expect((await put(elsewhere, null))[0]).toBe(200);
      expect(await put(environment, '5')).toMatchObject([200, { data: [{ kind: 'key', amount: '5.000000' }] }]);
    }
  });

  it('made twice at one moment under one Idempotency-Key is one key, whose secret one answer shows', async () => {
    const asked = Array.from({ length: 4 }, async () =>
      owner.call('POST', '/v1/api-keys', { key: 'twin', body: ofBot() }),
    );
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.filter(({ body }) => body['secret'] !== null)).toHaveLength(1);
  });

  it('is listed with its end and its last use, never with its secret', async () => {
    const made = await owner.call('POST', '/v1/api-keys', { body: ofBot() });
    const keyId = String(made.body['id']);
    await as(String(made.body['secret'])).get('/v1/jobs');
    const listed = async (): Promise<Record<string, unknown> | undefined> => {
      const { body } = await owner.call('GET', `/v1/api-keys?bot_id=${bot.botId}`);
      return (body['data'] as Record<string, unknown>[]).find(({ id }) => id === keyId);
    };
    const shown = await until(listed, (key) => key?.['last_used_at'] !== null);
    expect(Object.keys(shown ?? {})).not.toContain('secret');
    expect(shown).toMatchObject({ scopes: ['submit', 'read'], expires_at: null, revoked_at: null });
    const first = await owner.call('GET', '/v1/api-keys?limit=1');
    const second = await owner.call('GET', `/v1/api-keys?limit=1&cursor=${String(first.body['next_cursor'])}`);
    const idOf = ({ body }: { body: Readonly<Record<string, unknown>> }): unknown =>
      (body['data'] as { id: string }[])[0]?.id;
    expect(idOf(first)).toBe(keyId);
    expect(idOf(second)).not.toBe(keyId);
  });

  it('expires, and may be given another end and fewer scopes', async () => {
    const made = await owner.call('POST', '/v1/api-keys', { body: ofBot() });
    const [path, secret] = [`/v1/api-keys/${String(made.body['id'])}`, String(made.body['secret'])];
    const changed = await owner.call('PATCH', path, { body: { scopes: ['submit'], name: 'New' } });
    expect(changed.body).toMatchObject({ name: 'New', scopes: ['submit'] });
    expect(await statusWith(secret)).toEqual([403, 'forbidden']);
    const past = await owner.call('PATCH', path, { body: { expires_at: '2020-01-01T00:00:00Z' } });
    expect([past.status, past.body['code']]).toEqual([422, 'validation_failed']);
    const soon = new Date(Date.now() + 1_000).toISOString();
    expect((await owner.call('PATCH', path, { body: { expires_at: soon } })).status).toBe(200);
    expect(
      await until(
        async () => statusWith(secret),
        ([status]) => status === 401,
      ),
    ).toEqual([401, 'key_expired']);
    const late = await owner.call('PATCH', path, { body: { expires_at: null } });
    expect([late.status, late.body['code'], late.body['state']]).toEqual([409, 'key_not_active', 'expired']);
  });

  it('works beside the one that replaces it, as the same caller, and not beyond the overlap', async () => {
    const made = await owner.call('POST', '/v1/api-keys', { body: ofBot() });
    const old = String(made.body['secret']);
    const job = await as(old).submit({ key: 'before the rotation' });
    const rotated = await owner.call('POST', `/v1/api-keys/${String(made.body['id'])}/rotate`, {
      body: { overlap_seconds: 2 },
    });
    const secret = String(rotated.body['secret']);
    expect(rotated.body).toMatchObject({ name: 'Shop', scopes: ['submit', 'read'], state: 'active' });
    expect([await statusWith(old), await statusWith(secret)]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    const again = await as(secret).submit({ key: 'before the rotation' });
    expect(again.body).toMatchObject({ id: job.body['id'], replayed: true });
    expect(
      await until(
        async () => statusWith(old),
        ([status]) => status === 401,
      ),
    ).toEqual([401, 'key_expired']);
    const twice = await owner.call('POST', `/v1/api-keys/${String(made.body['id'])}/rotate`, { body: {} });
    expect([twice.status, twice.body['code']]).toEqual([409, 'key_not_active']);
  });

  it('is refused from the moment it is revoked; revoking again changes nothing', async () => {
    const made = await owner.call('POST', '/v1/api-keys', { body: ofBot() });
    const path = `/v1/api-keys/${String(made.body['id'])}`;
    const revoked = await owner.call('DELETE', path);
    expect([revoked.status, revoked.body['state']]).toEqual([200, 'revoked']);
    expect(await statusWith(String(made.body['secret']))).toEqual([401, 'key_revoked']);
    expect((await owner.call('DELETE', path)).body).toEqual(revoked.body);
    const lines: { action: string }[] = await stack.entities.manager.query(
      'SELECT action FROM records.audit WHERE target_id = $1 ORDER BY id',
      [made.body['id']],
    );
    expect(lines.map(({ action }) => action)).toEqual(['key.made', 'key.revoked']);
  });
});

describe('a key that takes the place of another', () => {
  it('[edge 78] keeps its limit and what was used of it; the jobs of each are ended apart', async () => {
    const made = await owner.call('POST', '/v1/api-keys', { body: ofBot() });
    const keyId = String(made.body['id']);
    const limitOf = (subject: string): object => ({
      limits: [{ kind: 'key', subject, period: 'total', amount: '2' }],
    });
    expect((await owner.call('PUT', '/v1/account/limits', { body: limitOf(keyId) })).status).toBe(200);
    const job = await as(String(made.body['secret'])).submit({ key: 'by the first' });
    await as(bot.key).ended(String(job.body['id']));
    const rotated = await owner.call('POST', `/v1/api-keys/${keyId}/rotate`, { body: { overlap_seconds: 0 } });
    expect(rotated.body['limit_subject']).toBe(keyId);
    const next = String(rotated.body['id']);
    const refused = await as(String(rotated.body['secret'])).submit({ key: 'by the second' });
    expect([refused.status, refused.body['code'], refused.body['used']]).toEqual([
      402,
      'key_limit_reached',
      '1.800000',
    ]);
    // Set at the one that works, it is the same limit.
    const raised = { limits: [{ kind: 'key', subject: next, period: 'total', amount: '20' }] };
    const { data } = (await owner.call('PUT', '/v1/account/limits', { body: raised })).body;
    expect(data).toMatchObject([{ kind: 'key', subject: keyId, amount: '20.000000', used: '1.800000' }]);
    expect((await as(String(rotated.body['secret'])).submit({ key: 'by the second' })).status).toBe(202);
    const ofFirst = await owner.call('POST', `/v1/api-keys/${keyId}/cancel-jobs`);
    expect(ofFirst.body['jobs']).toEqual([]);
    const unknown = await owner.call('PUT', '/v1/account/limits', { body: limitOf('key_none') });
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'key_not_found']);
  });

  it('ends when that one was to end, and no key hands out a later end than its own', async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const body = { name: 'For an hour', scopes: ['manage', 'read'], expires_at: end };
    const made = await owner.call('POST', '/v1/api-keys', { body });
    const path = `/v1/api-keys/${String(made.body['id'])}`;
    const brief = new OwnerClient(stack, String(made.body['secret']));
    for (const answer of [
      await brief.call('POST', '/v1/api-keys', { key: 'for good', body: { name: 'Mine', scopes: ['read'] } }),
      await brief.call('PATCH', path, { body: { expires_at: null } }),
    ]) {
      expect([answer.status, answer.body['code'], answer.body['latest_end']]).toEqual([403, 'forbidden', end]);
    }
    const within = { name: 'Mine', scopes: ['read'], expires_at: end };
    expect((await brief.call('POST', '/v1/api-keys', { key: 'within', body: within })).status).toBe(201);
    const rotated = await brief.call('POST', `${path}/rotate`, { key: 'itself', body: {} });
    expect([rotated.status, rotated.body['expires_at']]).toEqual([201, end]);
  });
});

describe('who may hand out keys', () => {
  it('is the owner and a key of the account with `manage`, never a key of a bot', async () => {
    const asBot = await as(bot.key).post('/v1/api-keys', ofBot() as Record<string, unknown>);
    expect([asBot.status, asBot.body['required_scope']]).toEqual([403, 'manage']);
    const wide = { ...ofBot(), scopes: ['submit', 'manage'] };
    const ofTheBot = await owner.call('POST', '/v1/api-keys', { body: wide });
    expect([ofTheBot.status, ofTheBot.body['code']]).toEqual([422, 'validation_failed']);
  });

  it('hands out at most its own scopes, by rotation neither', async () => {
    const all = await owner.call('POST', '/v1/api-keys', { body: { name: 'All', scopes: ['account', 'manage'] } });
    const small = await owner.call('POST', '/v1/api-keys', { body: { name: 'Small', scopes: ['manage'] } });
    const lesser = new OwnerClient(stack, String(small.body['secret']));
    for (const answer of [
      await lesser.call('POST', '/v1/api-keys', { body: { name: 'Mine', scopes: ['account'] } }),
      await lesser.call('POST', `/v1/api-keys/${String(all.body['id'])}/rotate`, { body: {} }),
      await lesser.call('PATCH', `/v1/api-keys/${String(small.body['id'])}`, {
        body: { scopes: ['manage', 'account'] },
      }),
    ]) {
      expect([answer.status, answer.body['required_scope']]).toEqual([403, 'account']);
    }
  });

  it('finds no key and no bot of another account', async () => {
    const stranger = await openBot(stack);
    const theirs = await OwnerClient.open(stack, stranger.accountId);
    const made = await theirs.call('POST', '/v1/api-keys', { body: { ...ofBot(), bot_id: stranger.botId } });
    const path = `/v1/api-keys/${String(made.body['id'])}`;
    for (const answer of [
      await owner.call('DELETE', path),
      await owner.call('PATCH', path, { body: { name: 'Mine' } }),
      await owner.call('POST', `${path}/rotate`, { body: {} }),
      await owner.call('POST', `${path}/cancel-jobs`),
    ]) {
      expect([answer.status, answer.body['code']]).toEqual([404, 'key_not_found']);
    }
    const foreign = await owner.call('POST', '/v1/api-keys', { body: { ...ofBot(), bot_id: stranger.botId } });
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'bot_not_found']);
    expect(await statusWith(String(made.body['secret']))).toEqual([200, undefined]);
  });
});

describe('a key in the wrong place', () => {
  it.each([
    ['in the address', (key: string) => ({ path: `/v1/jobs?api_key=${key}`, init: {} })],
    ['in another header', (key: string) => ({ path: '/v1/jobs', init: { headers: { 'x-api-key': key } } })],
    [
      'in the body',
      (key: string) => ({
        path: '/v1/api-keys',
        init: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key }) },
      }),
    ],
  ])('%s is told so, and lets nobody in', async (_, place) => {
    const { path, init } = place(bot.key);
    const response = await fetch(`${stack.apiUrl}${path}`, init);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'key_misplaced']);
  });
});
