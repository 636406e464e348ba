// Goal: a test key does what a live one does, on credits of its own, and nobody outside is asked or paid. Method: both
// kinds of keys of one account on the real stack, with a real provider's adapter that must never be called.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant, testScope } from '@fairmeter/domain';
import { createModelPort, ScriptedModel, testScript } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const NAMED_MODEL = 'gpt-5.5';
/** 200 in and 100 out, as the script says of every call, at 500 and 3,000 credits a million. */
const PRICE_OF_ONE = '0.400000';
const ANSWER = 'This is the answer of the test environment: no model was asked.';

let outside: Server;
let calledOutside = 0;
let stack: TestStack;

beforeAll(async () => {
  outside = createServer((_, response) => {
    calledOutside += 1;
    response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(outside, 'listening');
  const baseUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/v1`;
  const models = createModelPort({
    scripted: threeSteps().model,
    openai: { apiKey: 'never-used', baseUrl },
    test: new ScriptedModel(testScript(null)),
  });
  stack = await TestStack.start({ models });
}, 60_000);

afterAll(async () => {
  await expectLedgerHolds(stack);
  await stack.stop();
  outside.close();
}, 60_000);

interface Tried {
  readonly bot: TestBot;
  /** A live key of the account that may do everything. */
  readonly owner: OwnerClient;
  readonly live: BotClient;
  readonly test: BotClient;
  /** A test key of the whole account. */
  readonly books: OwnerClient;
}

async function makeKey(owner: OwnerClient, wish: object): Promise<string> {
  const made = await owner.call('POST', '/v1/api-keys', { body: { name: 'A key', environment: 'test', ...wish } });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return String(made.body['secret']);
}

async function tried(wish: Parameters<typeof openBot>[1] = { type: 'chat' }): Promise<Tried> {
  const bot = await openBot(stack, { credits: '100', ...wish });
  const owner = await OwnerClient.open(stack, bot.accountId);
  const key = await makeKey(owner, { bot_id: bot.botId, scopes: ['submit', 'read', 'report'] });
  const ofAccount = await makeKey(owner, { scopes: ['submit', 'read', 'account'] });
  return {
    bot,
    owner,
    live: new BotClient(stack, bot),
    test: new BotClient(stack, { ...bot, key }),
    books: new OwnerClient(stack, ofAccount),
  };
}

async function runJob(client: BotClient, body: object = {}, key = 'one'): Promise<Readonly<Record<string, unknown>>> {
  const submitted = await client.submit({ key, body: { prompt: 'What is a hold?', ...body } });
  if (submitted.status !== 202) throw new Error(JSON.stringify(submitted.body));
  return (await client.ended(String(submitted.body['id']))).body;
}

const read = async (by: OwnerClient, path: string): Promise<Record<string, unknown>> =>
  (await by.call('GET', path)).body;
const rowsOf = (body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>[] =>
  body['data'] as Record<string, unknown>[];

describe('a test key', () => {
  it('is made beside live ones, shows what it is, and stays it when it is rotated', async () => {
    const { owner, bot } = await tried();
    const body = { name: 'Trying', environment: 'test', bot_id: bot.botId, scopes: ['submit'] };
    const made = await owner.call('POST', '/v1/api-keys', { body });
    expect(made.body).toMatchObject({ environment: 'test', prefix: 'fm_test_' });
    expect(String(made.body['secret'])).toMatch(/^fm_test_[A-Za-z0-9_-]{43}$/);
    const rotated = await owner.call('POST', `/v1/api-keys/${String(made.body['id'])}/rotate`, { body: {} });
    expect(rotated.body).toMatchObject({ environment: 'test', prefix: 'fm_test_' });
    const { environment: _, ...unsaid } = body;
    const usual = await owner.call('POST', '/v1/api-keys', { body: unsaid });
    expect(usual.body).toMatchObject({ environment: 'live', prefix: 'fm_live_' });
    const setsUp = await owner.call('POST', '/v1/api-keys', {
      body: { name: 'No', environment: 'test', scopes: ['manage'] },
    });
    expect([setsUp.status, setsUp.body['code']]).toEqual([422, 'validation_failed']);
  });

  it('is answered by the script whatever model it names, and pays in the test scope alone', async () => {
    const { owner, test, books } = await tried();
    const before = await read(owner, '/v1/account/credits');
    expect(await read(owner, '/v1/account/credits?environment=test')).toMatchObject({
      available: '1000.000000',
      subscription: { available: '1000.000000' },
    });
    const job = await runJob(test, { model: NAMED_MODEL });
    expect(job).toMatchObject({
      environment: 'test',
      state: 'completed',
      model: NAMED_MODEL,
      funding: 'owner',
      charge: PRICE_OF_ONE,
    });
    const result = await test.get(`/v1/jobs/${String(job['id'])}/result`);
    expect(JSON.stringify(result.body)).toContain(ANSWER);
    const attempts = await stack.entities.manager.query<{ real_cost: string }[]>(
      'SELECT real_cost::text FROM ledger.attempts WHERE job_id = $1',
      [job['id']],
    );
    expect([calledOutside, attempts.map((row) => row.real_cost)]).toEqual([0, ['0']]);

    const after = await read(owner, '/v1/account/credits');
    const figures = { as_of: 0, point: '' };
    expect({ ...after, ...figures }).toEqual({ ...before, ...figures });
    const left = { available: '999.600000', held: '0.000000', subscription: { available: '999.600000' } };
    expect(await read(owner, '/v1/account/credits?environment=test')).toMatchObject(left);
    expect(await read(books, '/v1/account/credits')).toMatchObject(left);
    const [lot] = rowsOf(await read(books, '/v1/account/credits/lots'));
    expect(lot).toMatchObject({ kind: 'subscription', granted: '1000.000000', spent: PRICE_OF_ONE, state: 'live' });
    expect(rowsOf(await read(owner, '/v1/account/ledger')).some((entry) => entry['job_id'] === job['id'])).toBe(false);
    const entries = rowsOf(await read(owner, '/v1/account/ledger?environment=test'));
    expect(entries.some((entry) => entry['job_id'] === job['id'])).toBe(true);
  });

  it('is left out of usage and panels unless the test environment is named', async () => {
    const { owner, live, test, books, bot } = await tried();
    await runJob(test, { model: NAMED_MODEL });
    await runJob(test, { model: NAMED_MODEL }, 'two');
    const figures = async (by: OwnerClient, query = ''): Promise<unknown[]> => {
      const usage = await read(by, `/v1/account/usage?group_by=bot${query}`);
      const economics = await read(by, `/v1/bots/${bot.botId}/economics${query.replace('&', '?')}`);
      const quality = await read(by, `/v1/bots/${bot.botId}/quality${query.replace('&', '?')}`);
      const { jobs, charged } = usage['total'] as Record<string, unknown>;
      const { available, spent } = quality['credits'] as Record<string, unknown>;
      return [jobs, charged, economics['net'], available, spent];
    };
    const tests = [2, '0.800000', '0.800000', '999.200000', '0.800000'];
    expect(await figures(owner)).toEqual([0, '0.000000', '0.000000', '100.000000', '0.000000']);
    expect(await figures(owner, '&environment=test')).toEqual(tests);
    expect(await figures(books)).toEqual(tests);
    expect(rowsOf((await live.get('/v1/jobs')).body)).toEqual([]);
    expect(rowsOf((await test.get('/v1/jobs')).body)).toHaveLength(2);
  });

  it('finds no live job and steers none, nor does a live key those of the test environment', async () => {
    const { owner, test, books, live } = await tried({ type: 'coding' });
    const [ofLive, ofTest] = [await runJob(live), await runJob(test)];
    const cells = [
      [String(ofLive['id']), [test, books]],
      [String(ofTest['id']), [live, owner]],
    ] as const;
    for (const [jobId, strangers] of cells) {
      for (const stranger of strangers) {
        for (const place of ['', '/cost', '/timeline', '/steps', '/result', '/files', '/events', '/artefact']) {
          const path = `/v1/jobs/${jobId}${place}`;
          const heard = stranger instanceof BotClient ? await stranger.get(path) : await stranger.call('GET', path);
          expect([place, heard.status, heard.body['code']]).toEqual([place, 404, 'job_not_found']);
        }
      }
    }
    expect((await live.steer(String(ofTest['id']), 'cancel')).status).toBe(404);
    expect((await test.steer(String(ofLive['id']), 'cancel')).status).toBe(404);
    const others = [
      await test.get('/v1/jobs?environment=live'),
      await live.get('/v1/jobs?environment=test'),
      await books.call('GET', '/v1/account/usage?environment=live'),
      await books.call('GET', '/v1/account/credits?environment=live'),
    ];
    expect(others.map(({ status, body }) => [status, body['code']])).toEqual(others.map(() => [403, 'forbidden']));
  });

  it('is another caller than a live key: one Idempotency-Key of both is two jobs', async () => {
    const { live, test } = await tried({ type: 'coding' });
    const [ofLive, ofTest] = [await runJob(live), await runJob(test)];
    expect(ofLive['id']).not.toBe(ofTest['id']);
    expect([ofLive['environment'], ofTest['environment']]).toEqual(['live', 'test']);
    expect((await runJob(test))['id']).toBe(ofTest['id']);
  });

  /** All that may be spent, ever. */
  const limitTo = async (owner: OwnerClient, credits: string, query = ''): Promise<unknown> => {
    const limits = [{ kind: 'spend', period: 'total', amount: credits }];
    return (await owner.call('PUT', `/v1/account/limits${query}`, { body: { limits } })).status;
  };

  describe('with limits of the test environment', () => {
    let limited: Tried;
    beforeAll(async () => {
      limited = await tried({ type: 'coding' });
    }, 60_000);

    it('is stopped by them, and no live key is', async () => {
      const { owner, live, test } = limited;
      expect(await limitTo(owner, '0.000000', '?environment=test')).toBe(200);
      const stopped = await test.submit({ key: 'stopped' });
      expect([stopped.status, stopped.body['code']]).toEqual([402, 'spend_limit_reached']);
      expect((await runJob(live))['state']).toBe('completed');
      expect(rowsOf(await read(owner, '/v1/account/limits'))).toEqual([]);
      const [limit] = rowsOf(await read(owner, '/v1/account/limits?environment=test'));
      expect(limit).toMatchObject({ kind: 'spend', amount: '0.000000' });
    });

    it('goes on once they are raised', async () => {
      const { owner, test } = limited;
      expect(await limitTo(owner, '1000.000000', '?environment=test')).toBe(200);
      expect((await runJob(test))['state']).toBe('completed');
    });
  });

  it('is stopped by no limit of the live environment', async () => {
    const { owner, live, test } = await tried({ type: 'coding' });
    expect(await limitTo(owner, '1000.000000', '?environment=test')).toBe(200);
    expect(await limitTo(owner, '0.000000')).toBe(200);
    expect((await live.submit({ key: 'stopped' })).body['code']).toBe('spend_limit_reached');
    expect((await runJob(test, {}, 'goes on'))['state']).toBe('completed');
  });

  it('keeps its limit when another takes its place, and shares no change of limits with live', async () => {
    const { bot, owner, live } = await tried({ type: 'coding' });
    const body = { name: 'Limited', environment: 'test', bot_id: bot.botId, scopes: ['submit', 'read'] };
    const { body: made } = await owner.call('POST', '/v1/api-keys', { body });
    const { body: next } = await owner.call('POST', `/v1/api-keys/${String(made['id'])}/rotate`, { body: {} });
    const limits = [{ kind: 'key', subject: next['id'], period: 'total', amount: '0.000000' }];
    const said = { key: 'once', body: { limits } };
    const preview = await owner.call('POST', '/v1/account/limits/preview?environment=test', said);
    expect(rowsOf(preview.body)).toMatchObject([{ before: null, stops_now: true }]);
    for (const [environment, kind, subject] of [
      ['test', 'key', made['id']],
      ['live', 'spend', ''],
    ] as const) {
      const set = await owner.call('PUT', `/v1/account/limits?environment=${environment}`, said);
      expect([set.status, rowsOf(set.body)]).toMatchObject([200, [{ kind, subject }]]);
      limits[0] = { kind: 'spend', subject: '', period: 'total', amount: '500.000000' };
    }
    for (const { secret } of [made, next]) {
      const key = new BotClient(stack, { ...bot, key: String(secret) });
      expect((await key.submit({ key: 'stopped' })).body['code']).toBe('key_limit_reached');
    }
    expect((await runJob(live))['state']).toBe('completed');
    const paged = await read(owner, '/v1/account/limits?environment=test&limit=1');
    expect([rowsOf(paged)[0]?.['amount'], paged['next_cursor']]).toEqual(['0.000000', null]);
  });

  it('has 1,000 again when the month turns', async () => {
    const { owner, test, bot } = await tried();
    await runJob(test, { model: NAMED_MODEL });
    const [month] = rowsOf(await read(owner, '/v1/account/credits/lots?environment=test'));
    const turn = String(month?.['expires_at']);
    const scope = { scopeId: testScope(bot.accountId), accountId: bot.accountId };
    expect((await stack.grants.expire(scope, instant(Date.parse(turn)))).ok).toBe(true);
    const credits = await read(owner, '/v1/account/credits?environment=test');
    expect(credits).toMatchObject({ as_of: turn, available: '1000.000000', total: '1000.000000' });
    expect(Date.parse(turn)).toBe(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1));
    const lots = rowsOf(await read(owner, '/v1/account/credits/lots?environment=test&include_ended=true'));
    expect(lots.map(({ state, spent, lapsed }) => [state, spent, lapsed])).toEqual([
      ['live', '0.000000', '0.000000'],
      ['ended', PRICE_OF_ONE, '999.600000'],
    ]);
  });

  it('runs the agent with files to its end on the script alone', async () => {
    const { test } = await tried({ type: 'coding', program: 'workspace', model: NAMED_MODEL });
    const job = await runJob(test, { prompt: 'A page, please' });
    expect(job).toMatchObject({ state: 'completed', end_reason: 'finished' });
    const files = await test.get(`/v1/jobs/${String(job['id'])}/files`);
    expect(JSON.stringify(files.body)).toContain('index.html');
    expect(calledOutside).toBe(0);
  });

  it('is quoted by the lots of the test scope', async () => {
    const { test, bot } = await tried();
    const quote = await test.post('/v1/quotes', { bot_id: bot.botId, prompt: 'What is a hold?', model: NAMED_MODEL });
    expect(quote.status).toBe(201);
    expect(JSON.stringify(quote.body)).toContain('1000.000000');
    expect(JSON.stringify(quote.body)).not.toContain('"100.000000"');
  });
});
