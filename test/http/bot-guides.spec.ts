// What a bot is told before every request, on the real stack: in versions, in the prompts, the quotes and the meters.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { CachingModel } from '../harness/caching-model.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const model = new CachingModel(
  byStage({
    plan: [reply('plan')],
    generate: [reply('=== a.js')],
    review: [reply('APPROVED')],
    answer: [reply('Hello')],
  }).port,
);
const PROFILE = { stack: ['PHP 8.3', 'Symfony 7'], purpose: 'Shops' };
const SNIPPETS = { snippets: [{ name: 'auth', text: 'function auth() { return true; }\n'.repeat(40) }] };

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.start({ models: model });
}, 60_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

interface Guided {
  readonly owner: OwnerClient;
  readonly bot: BotClient;
  readonly path: string;
}

const open = async (of: { type?: 'chat' | 'coding' } = {}): Promise<Guided> => {
  const bot = await openBot(stack, { credits: '1000', model: 'demo-coder', ...of });
  const owner = await OwnerClient.open(stack, bot.accountId);
  return { owner, bot: new BotClient(stack, bot), path: `/v1/bots/${bot.botId}` };
};
const run = async ({ bot }: Guided, body: object = { prompt: 'Write a word counter' }): Promise<string> => {
  const submitted = await bot.submit({ key: newId('req'), body: { ...body } });
  expect([submitted.status, submitted.body['code']]).toEqual([202, undefined]);
  const jobId = String(submitted.body['id']);
  expect((await bot.ended(jobId)).body['state']).toBe('completed');
  return jobId;
};
const sentFor = (jobId: string): string[] =>
  model.sent.filter(({ requestRef }) => requestRef.includes(jobId)).map(({ system = '' }) => system);
const versionsOf = async (jobId: string): Promise<unknown> =>
  stack.entities.manager.query('SELECT profile, style_guide, snippets FROM records.job_versions WHERE job_id = $1', [
    jobId,
  ]);

describe('profile, style guide and snippets', () => {
  describe('written between one job and the next', () => {
    let guided: Guided;
    let jobs: readonly string[];
    let profiles: Answer[];
    beforeAll(async () => {
      guided = await open();
      const { owner, path } = guided;
      const none = await owner.call('GET', `${path}/profile`);
      const before = await run(guided);
      const first = await owner.call('PUT', `${path}/profile`, { body: PROFILE });
      profiles = [none, first, await owner.call('PUT', `${path}/profile`, { body: PROFILE })];
      await owner.call('PUT', `${path}/style-guide`, { body: { rules: 'Short names.' } });
      const one = await run(guided);
      await owner.call('PUT', `${path}/style-guide`, { body: { rules: 'Long names.' } });
      jobs = [before, one, await run(guided)];
    }, 60_000);

    it('[A22] are versioned, and each job stores and is told the versions it was admitted with', async () => {
      const { owner, bot, path } = guided;
      const [none, first, again] = profiles;
      expect(none?.body['code']).toBe('guide_not_found');
      expect(first?.body).toMatchObject({ version: 1, ...PROFILE, made_by_role: 'account_key' });
      expect(again?.body['version']).toBe(1);
      expect(await Promise.all(jobs.map(versionsOf))).toEqual([
        [],
        [{ profile: 1, style_guide: 1, snippets: null }],
        [{ profile: 1, style_guide: 2, snippets: null }],
      ]);
      const [, old = [], now = []] = jobs.map(sentFor);
      expect([old.length, now.length]).toEqual([3, 3]);
      for (const system of [...old, ...now]) expect(system).toContain('PHP 8.3, Symfony 7');
      for (const system of old) expect(system).toContain('Short names.');
      for (const system of now) expect(system).toContain('Long names.');
      const earlier = await owner.call('GET', `${path}/style-guide?version=1`);
      expect([earlier.body['rules'], (await bot.get(path)).body['guide']]).toMatchObject([
        'Short names.',
        { profile: { version: 1 }, style_guide: { version: 2 }, snippets: null },
      ]);
      const lines: { action: string; after: object }[] = await stack.entities.manager.query(
        `SELECT action, after FROM records.audit WHERE action LIKE 'bot.%_changed' AND target_id = $1 ORDER BY id`,
        [path.split('/').at(-1)],
      );
      expect(lines.map(({ action }) => action)).toEqual([
        'bot.profile_changed',
        'bot.style_guide_changed',
        'bot.style_guide_changed',
      ]);
      // What is written there can be deleted; the audit cannot.
      expect(JSON.stringify(lines)).not.toContain('names');
    });
  });

  it('a change meets no job under way: two writers at one moment make two versions', async () => {
    const { owner, path } = await open();
    const written = await Promise.all(
      ['a', 'b', 'c'].map(async (rules) => owner.call('PUT', `${path}/style-guide`, { body: { rules } })),
    );
    expect(written.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(written.map(({ body }) => body['version']))).toEqual(new Set([1, 2, 3]));
  });

  it('[A24] a second job with the same snippets reads them from the cache, at the lower price', async () => {
    const guided = await open({ type: 'chat' });
    const plain = await run(guided);
    await guided.owner.call('PUT', `${guided.path}/snippets`, { body: SNIPPETS });
    const ids = [await run(guided, { prompt: 'First' }), await run(guided, { prompt: 'Second, about another thing' })];
    for (const id of ids) expect(sentFor(id)[0]?.startsWith('Snippet "auth":\n')).toBe(true);
    const costs = await Promise.all(ids.map(async (id) => (await guided.bot.get(`/v1/jobs/${id}/cost`)).body));
    const tokens = costs.map(({ tokens: of }) => of as { input: number; cached_input: number; system_tokens?: number });
    expect(tokens[0]?.cached_input).toBe(0);
    expect(tokens[1]?.cached_input).toBeGreaterThan(300);
    const [first, second, without] = [costs[0], costs[1], (await guided.bot.get(`/v1/jobs/${plain}/cost`)).body];
    expect(Number(second?.['charge'])).toBeLessThan(Number(first?.['charge']));
    const systemOf = (cost: unknown): number => {
      const [step] = (cost as { steps: { attempts: { system_tokens: number }[] }[] }).steps;
      return step?.attempts[0]?.system_tokens ?? 0;
    };
    expect(systemOf(first)).toBeGreaterThan(systemOf(without) + 300);
  });

  it('are part of what is quoted, and of what is held', async () => {
    const guided = await open({ type: 'chat' });
    const quoted = async (): Promise<{ expected: number; max: number }> => {
      const { body } = await guided.bot.post('/v1/quotes', { prompt: 'Write a word counter' });
      return { expected: Number(body['expected']), max: Number(body['max']) };
    };
    const held = async (): Promise<number> => {
      const submitted = await guided.bot.submit({ key: newId('req') });
      await guided.bot.ended(String(submitted.body['id']));
      return Number((submitted.body as { held: string }).held);
    };
    const [bare, bareHold] = [await quoted(), await held()];
    await guided.owner.call('PUT', `${guided.path}/snippets`, { body: SNIPPETS });
    const [told, toldHold] = [await quoted(), await held()];
    expect(told.expected).toBeGreaterThan(bare.expected);
    expect(told.max).toBeGreaterThan(bare.max);
    expect(toldHold).toBeGreaterThan(bareHold);
  });

  it('[A12] a small job of kind `test` tries a snippet, and its price stands on its own', async () => {
    const guided = await open({ type: 'chat' });
    await guided.owner.call('PUT', `${guided.path}/snippets`, { body: SNIPPETS });
    const tried = await run(guided, { prompt: 'Try', request_kind: 'test' });
    await run(guided);
    expect((await guided.bot.get(`/v1/jobs/${tried}`)).body['request_kind']).toBe('test');
    const usage = await guided.owner.call('GET', '/v1/account/usage?group_by=kind');
    const rows = usage.body['data'] as { key: { kind: string }; jobs: number; charged: string }[];
    expect(new Set(rows.map(({ key, jobs }) => `${key.kind} ${jobs}`))).toEqual(new Set(['test 1', 'chat 1']));
    const cost = (await guided.bot.get(`/v1/jobs/${tried}/cost`)).body;
    expect(rows.find(({ key }) => key.kind === 'test')?.charged).toBe(cost['charge']);
    // Neither is part of what the public used: the owner tried it.
    const byThePublic = await guided.owner.call('GET', '/v1/account/usage?funding=free_visitor');
    expect(byThePublic.body['total']).toMatchObject({ jobs: 0, charged: '0.000000' });
  });

  it('are written by the owner, read by the bot, and found by no stranger', async () => {
    const { owner, bot, path } = await open();
    await owner.call('PUT', `${path}/profile`, { body: PROFILE });
    expect((await bot.get(`${path}/profile`)).body).toMatchObject(PROFILE);
    const stranger = await open();
    expect((await stranger.owner.call('GET', `${path}/profile`)).body['code']).toBe('bot_not_found');
    const foreign = await stranger.owner.call('PUT', `${path}/profile`, { body: PROFILE });
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'bot_not_found']);
    const asBot = await bot.fetch(`${path}/profile`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(PROFILE),
    });
    expect(asBot.status).toBe(403);
    const long = { snippets: [{ name: 'x', text: 'y'.repeat(48_001) }] };
    expect((await owner.call('PUT', `${path}/snippets`, { body: long })).status).toBe(422);
  });
});
