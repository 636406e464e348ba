// Visitors on the real stack: who they are, which tokens are heard, and that each sees its own use alone.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { TestBot } from '../harness/people.js';
import { addKey, openAccountKey, openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import type { Visitor } from '../harness/visitors.js';
import { claimsOf, forge, holding, mint, visit, VISITOR_ENV } from '../harness/visitors.js';

describe('visitors of a bot', () => {
  let stack: TestStack;
  let bot: TestBot;
  let other: TestBot;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port, api: { ...VISITOR_ENV } });
    bot = await openBot(stack, { credits: '1000' });
    other = await openBot(stack, { accountId: bot.accountId });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const codeOf = async (token: string): Promise<unknown[]> => {
    const { status, body } = await holding(stack, bot, token).get('/v1/me/usage-units');
    return [status, body['code']];
  };

  it('are met once by a name, also at once; the same name at another bot is somebody else', async () => {
    const minted = await Promise.all(Array.from({ length: 12 }, async () => mint(stack, bot, { ref: 'ann@shop' })));
    expect(new Set(minted.map(({ status }) => status))).toEqual(new Set([201]));
    const ids = new Set(minted.map(({ body }) => body['visitor_id']));
    expect(ids.size).toBe(1);
    expect((await visit(stack, bot, 'ben@shop')).id).not.toBe([...ids][0]);
    expect((await visit(stack, other, 'ann@shop')).id).not.toBe([...ids][0]);
    const [{ lines }] = await stack.entities.manager.query<[{ lines: number }]>(
      `SELECT count(*)::int AS lines FROM records.audit WHERE action = 'visitor.created' AND target_id = $1`,
      [[...ids][0]],
    );
    expect(lines).toBe(1);
    const kept = await stack.entities.manager.query<unknown[]>(
      'SELECT to_json(v)::text AS row FROM records.visitors v',
    );
    expect(JSON.stringify(kept)).not.toContain('shop');
  });

  it('get tokens by a key that may give them, of their bot or of the account, and by no other', async () => {
    const chatting = { ...bot, key: 'fm_live_submits-and-reads' };
    await addKey(stack, chatting, ['submit', 'read', 'report']);
    const giver = await openAccountKey(stack, bot.accountId, ['visitors']);
    const manager = await openAccountKey(stack, bot.accountId, ['submit', 'manage']);
    const stranger = await openBot(stack, { credits: '1' });
    const answers = [
      await mint(stack, bot, { ref: 'a' }),
      await mint(stack, bot, { ref: 'a', key: giver }),
      await mint(stack, bot, { ref: 'a', key: chatting.key }),
      await mint(stack, bot, { ref: 'a', key: manager }),
      await mint(stack, bot, { ref: 'a', key: stranger.key }),
      await mint(stack, bot, { ref: 'a', key: await openAccountKey(stack, stranger.accountId, ['visitors']) }),
      await mint(stack, bot, { ref: 'a', key: (await visit(stack, bot, 'a')).token }),
      await mint(stack, bot, { ref: 'a', ttl: 3_601 }),
      await mint(stack, bot, { ref: '' }),
    ];
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [201, undefined],
      [201, undefined],
      [403, 'forbidden'],
      [403, 'forbidden'],
      [404, 'bot_not_found'],
      [404, 'bot_not_found'],
      [403, 'forbidden'],
      [422, 'validation_failed'],
      [422, 'validation_failed'],
    ]);
  });

  it('are heard by tokens of this platform alone, each fault with its own code', async () => {
    const cleo = await visit(stack, bot, 'cleo');
    const [sub, good] = [cleo.id, claimsOf(cleo)];
    const now = Math.floor(Date.now() / 1_000);
    expect(await codeOf(await forge(good))).toEqual([200, undefined]);
    const unsigned = [
      { alg: 'none', typ: 'JWT', kid: 'test' },
      { ...good, iss: 'fairmeter:visitors', exp: now + 60 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const [head, body, signature] = (await forge(good)).split('.');
    const changed = Buffer.from(
      JSON.stringify({ ...(JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as object), sub: 'vis_other' }),
    ).toString('base64url');
    const bad = [
      `${unsigned}.`,
      `${head}.${changed}.${signature}`,
      `${head}.${body}.`,
      await forge({ ...good, aud: 'somebody else' }),
      await forge({ ...good, iss: 'fairmeter:visitors', nbf: now + 600 }),
      await forge({ ...good, bot: other.botId }),
      await forge({ bot: bot.botId }),
      await forge({ ...good, sub: 'vis_01unknown' }),
      await forge({ ...good, sub: "vis_' OR 1=1" }),
      await forge(good, { key: Buffer.alloc(32, 8) }),
      await forge(good, { kid: 'unknown' }),
      await forge(good, { alg: 'HS512', key: Buffer.alloc(64, 7) }),
    ];
    for (const token of bad) expect(await codeOf(token)).toEqual([401, 'visitor_token_invalid']);
    const over = [{ exp: now - 1 }, { by: 'key_none' }, { by: '' }, { round: 1 }];
    for (const claims of [...over.map((one) => ({ ...good, ...one })), { sub, bot: bot.botId }]) {
      expect(await codeOf(await forge(claims))).toEqual([401, 'visitor_token_expired']);
    }
    expect(await codeOf(await forge({ ...good, iss: 'elsewhere' }))).toEqual([401, 'token_unsigned']);
  });

  it('keep their tokens when a new key signs', async () => {
    const { token } = await visit(stack, bot, 'dora');
    const [own] = VISITOR_ENV.VISITOR_TOKEN_KEYS.split(',');
    const fresh = `new:${Buffer.alloc(32, 9).toString('base64url')}`;
    const rotated = await stack.startApi({ VISITOR_TOKEN_KEYS: `${fresh},${own}` });
    try {
      expect((await fetch(`${rotated.url}/v1/me/usage-units`, { headers: bearer(token) })).status).toBe(200);
    } finally {
      await stack.stopApi(rotated);
    }
  });

  it('[B26] see their own jobs alone; the owner sees usage units and no payment', async () => {
    const [ann, ben] = [await visit(stack, bot, 'own-ann'), await visit(stack, bot, 'own-ben')];
    const submitted = await ann.client.submit({ key: 'mine', body: { prompt: 'A secret of Ann' } });
    expect(submitted.status).toBe(202);
    const jobId = String(submitted.body['id']);
    expect((await ann.client.ended(jobId)).body['state']).toBe('completed');
    for (const [path, status] of [
      ['', 200],
      ['/result', 200],
      ['/events?after=9223372036854775807', 204],
      ['/cost', 403],
    ] as const) {
      expect([path, (await ann.client.get(`/v1/jobs/${jobId}${path}`)).status]).toEqual([path, status]);
    }
    const foreign = ['', '/result', '/events', '/files', '/artefact', '/files/a.js'];
    for (const path of foreign) {
      const answer = await ben.client.get(`/v1/jobs/${jobId}${path}`);
      expect([path, answer.status, answer.body['code']]).toEqual([path, 404, 'job_not_found']);
    }
    expect((await ben.client.steer(jobId, 'cancel')).status).toBe(404);
    // The same key of another visitor is another job.
    expect((await ben.client.submit({ key: 'mine' })).body['id']).not.toBe(jobId);
    // A token of one bot is good for nothing at another.
    const elsewhere = await holding(stack, other, ann.token).submit({ key: 'elsewhere' });
    expect([elsewhere.status, elsewhere.body['code']]).toEqual([404, 'bot_not_found']);

    const owner = await openAccountKey(stack, bot.accountId, ['manage']);
    const listed = await holding(stack, bot, owner).get(`/v1/bots/${bot.botId}/visitors`);
    const rows = listed.body['data'] as readonly Record<string, unknown>[];
    expect(rows.find((row) => row['id'] === ann.id)).toMatchObject({ jobs: 1, used: '1.800000', deleted_at: null });
    expect(JSON.stringify(listed.body)).not.toMatch(/price|paid|payment|purchase|own-ann/i);
    expect((await ann.client.get(`/v1/bots/${bot.botId}/visitors`)).status).toBe(403);
  });

  it('are walled off by the database itself, whatever a statement of ours forgets', async () => {
    const [ann, ben] = [await visit(stack, bot, 'wall-ann'), await visit(stack, bot, 'wall-ben')];
    const { body } = await ann.client.submit({ key: 'walled', body: { prompt: 'Behind the wall' } });
    await ann.client.ended(String(body['id']));
    const reader = await TenantDatabase.open({
      url: stack.database.readerUrl,
      maxConnections: 1,
      entities: [],
      applicationName: 'test-wall',
    });
    const count = async (subject: string, table: string): Promise<unknown> =>
      reader.asTenant({ accountId: bot.accountId, subject }, async (tx) => {
        const rows = await tx.query<{ count: number; role: string }[]>(
          `SELECT count(*)::int AS count, current_user AS role FROM ${table}`,
        );
        expect(rows[0]?.role).toBe('fm_reader');
        return rows[0]?.count;
      });
    try {
      expect(await count(ann.id, 'ledger.jobs')).toBe(1);
      expect(await count(ann.id, 'ledger.steps')).toBe(3);
      expect(await count(ann.id, 'records.texts')).toBe(4);
      expect(await count(ann.id, 'records.visitors')).toBe(1);
      const own = ['records.texts', 'records.visitor_jobs', 'records.audit', 'records.workspace_trees'];
      for (const table of [...own, 'ledger.jobs', 'ledger.steps', 'ledger.attempts', 'ledger.outbox']) {
        expect([table, await count(ben.id, table)]).toEqual([table, 0]);
      }
      const intrude = reader.asTenant({ accountId: bot.accountId, subject: ben.id }, async (tx) =>
        tx.query<unknown[]>(
          `INSERT INTO records.visitor_jobs (key_hash, account_id, bot_id, visitor_id) VALUES ('x', $1, $2, $3)`,
          [bot.accountId, bot.botId, ann.id],
        ),
      );
      await expect(intrude).rejects.toThrow('row-level security');
      // The owner's own keys see the bot as before.
      expect(await count(bot.botId, 'ledger.jobs')).toBeGreaterThan(1);
    } finally {
      await reader.close();
    }
  });

  it('[edge 68] keep their history at an archived bot, are told, and get no new job', async () => {
    const archived = await openBot(stack, { accountId: bot.accountId });
    const ann: Visitor = await visit(stack, archived, 'archived-ann');
    const job = await ann.client.submit();
    await ann.client.ended(String(job.body['id']));
    await stack.entities.manager.query('UPDATE records.bots SET archived_at = now() WHERE id = $1', [archived.botId]);
    const ended = await ann.client.submit({ key: 'late' });
    expect([ended.status, ended.body['code']]).toEqual([401, 'visitor_token_expired']);
    const again = await visit(stack, archived, 'archived-ann');
    const refused = await again.client.submit({ key: 'late' });
    expect([refused.status, refused.body['code']]).toEqual([409, 'bot_archived']);
    expect(again.id).toBe(ann.id);
    expect((await again.client.get(`/v1/jobs/${String(job.body['id'])}`)).status).toBe(200);
    const units = await again.client.get('/v1/me/usage-units');
    expect(JSON.stringify(units.body['told'])).toContain('"archived"');
  });
});

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
