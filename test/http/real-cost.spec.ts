// What is charged follows from what a run really used, call by call; and nothing but a job ever costs anything.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ModelPort } from '@fairmeter/providers';
import { parseRequestRef } from '@fairmeter/providers';
import { costBody } from '../../apps/api/src/jobs/cost-body.js';
import { explainBody } from '../../apps/api/src/jobs/explain-body.js';
import { BotClient } from '../harness/bot-client.js';
import { amount, openAccountKey, openBot } from '../harness/people.js';
import { byStage, fault, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

/** Every call of the second is broken off, and the third time it is answered. */
const stages = { plan: [reply('plan')], review: [reply('APPROVED')], answer: [reply('short', { output: 400 })] };
const script = byStage({
  ...stages,
  generate: [fault('unavailable'), fault('broken_stream', { text: 'half' }), reply('=== a.js')],
});
const wordy = byStage({ ...stages, answer: [reply('long', { output: 1_700 })] });

/** Of each call's 1,000 tokens of input so many came from a cache. */
function cached(cachedInput: number): ModelPort {
  const usage = { input: 1_000 - cachedInput, cachedInput, cacheWrite: 0, output: 200, reasoning: 0 };
  const said = (text: string) => [{ text, usage }];
  return byStage({ plan: said('plan'), generate: said('=== a.js'), review: said('APPROVED') }).port;
}

/** Its cache holds every system prompt from the first time it is sent: 800 tokens of each call. */
function cachesPrefixes(): ModelPort {
  const seen = new Set<string>();
  const [cold, warm] = [cached(0), cached(800)];
  return {
    generate: async (request, options) => {
      const { system = '' } = request;
      const answers = seen.has(system) ? warm : cold;
      seen.add(system);
      return answers.generate(request, options);
    },
  };
}

describe('what a run really used', () => {
  let provider = script.port;
  const models: ModelPort = { generate: async (request, options) => provider.generate(request, options) };
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[C1] charges the same prompt by how long its answer was, each charge explained by its meters', async () => {
    const bot = new BotClient(stack, await openBot(stack, { type: 'chat', credits: '100' }));
    const ask = async (key: string): Promise<ReturnType<typeof explainBody.parse>> => {
      const { body } = await bot.submit({ key, body: { prompt: 'What is six times seven?' } });
      await bot.ended(String(body['id']));
      return explainBody.parse((await bot.get(`/v1/jobs/${String(body['id'])}/cost/explain`)).body);
    };
    const short = await ask('one');
    provider = wordy.port;
    const long = await ask('two');
    provider = script.port;
    // 50 credits a million input and 250 a million output tokens.
    expect([short.charge, long.charge]).toEqual(['0.150000', '0.475000']);
    for (const [explained, output] of [
      [short, 400],
      [long, 1_700],
    ] as const) {
      expect(explained).toMatchObject({ matches: true, recomputed: explained.charge });
      expect(explained.steps[0]?.lines.map(({ meter, quantity }) => [meter, quantity])).toEqual([
        ['input', 1_000],
        ['output', output],
      ]);
    }
  });

  it('[C14] charges less where a prefix that was sent before comes from the cache of its provider', async () => {
    provider = cachesPrefixes();
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const ask = async (prompt: string): Promise<ReturnType<typeof costBody.parse>> => {
      const { body } = await bot.submit({ key: prompt, body: { prompt } });
      await bot.ended(String(body['id']));
      return costBody.parse((await bot.get(`/v1/jobs/${String(body['id'])}/cost`)).body);
    };
    const [first, again] = [await ask('Write a word counter'), await ask('Write a line counter')];
    provider = script.port;
    expect(first.tokens).toMatchObject({ input: 3_000, cached_input: 0, output: 600 });
    expect(again.tokens).toMatchObject({ input: 600, cached_input: 2_400, output: 600 });
    // Of each of three calls 800 tokens at 30 credits a million, that were 300: 0.216 less for each.
    expect([first.charge, again.charge]).toEqual(['1.800000', '1.152000']);
    expect(again.steps[1]?.attempts[0]?.lines.map(({ meter, quantity, rate }) => [meter, quantity, rate])).toEqual([
      ['input', 200, '300.000000'],
      ['cached_input', 800, '30.000000'],
      ['output', 200, '1500.000000'],
    ]);
  });

  it('[D2] leaves no call of a provider without a job that was charged for it, or says why it was not', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const { body } = await bot.submit();
    const id = String(body['id']);
    await bot.ended(id);
    const { steps, not_charged: notCharged, charge } = costBody.parse((await bot.get(`/v1/jobs/${id}/cost`)).body);
    const calls = script.model.calls.map(({ request }) => parseRequestRef(request.requestRef));
    const ofJob = calls.filter((ref) => ref?.jobId === id);
    const told = ofJob.map((ref) => {
      const step = steps.find((one) => one.step === ref?.ordinal);
      const attempt = step?.attempts.find((one) => one.attempt === ref?.attempt);
      if (attempt?.charge_class === 'billable') return amount(step?.charge ?? '0') > 0n ? 'charged' : 'for nothing';
      return notCharged.find((one) => one.step === ref?.ordinal && one.attempt === ref.attempt)?.reason;
    });
    expect(told).toEqual(['charged', 'platform_fault', 'platform_fault', 'charged', 'charged']);
    expect(charge).toBe('1.800000');
    const known = await stack.entities.manager.query<{ id: string }[]>('SELECT id FROM ledger.jobs');
    expect(calls.filter((ref) => !known.some((job) => job.id === ref?.jobId))).toEqual([]);
  }, 30_000);
});

describe('ordinary work', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  /** The one route that asks a model for something. */
  const ASKS_A_MODEL: readonly string[] = ['POST /v1/bots/:bot_id/jobs'];
  const SERVED = ['/v1/jobs/:job_id', '/v1/jobs/:job_id/cost', '/v1/jobs/:job_id/result', '/v1/account/ledger'];
  const bodyFor = (path: string, botId: string): object => {
    if (path === '/v1/quotes') return { prompt: 'Write a word counter', bot_id: botId };
    return path === '/v1/jobs/:job_id/budget' ? { max_credits: '7' } : {};
  };

  /** Every row of the ledger but how far our own process has read in it. */
  async function wholeLedger(): Promise<unknown> {
    const { manager } = stack.entities;
    const tables = await manager.query<{ name: string }[]>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname = 'ledger' AND tablename <> 'outbox_cursors' ORDER BY 1`,
    );
    const sums = tables.map(
      ({ name }) => `(SELECT md5(coalesce(string_agg(row::text, ',' ORDER BY row::text), '')) FROM ${name} row)`,
    );
    return manager.query(`SELECT ${sums.map((sum, index) => `${sum} AS sum${index}`).join(', ')}`);
  }

  it('[D3] [D12] costs nothing on any route but the one that asks a model, at zero credits too', async () => {
    const bot = await openBot(stack, { type: 'chat', credits: '0.15' });
    const client = new BotClient(stack, bot);
    const { body } = await client.submit();
    const id = String(body['id']);
    expect((await client.ended(id)).body).toMatchObject({ state: 'completed', charge: '0.150000' });
    const owner = new BotClient(stack, { ...bot, key: await openAccountKey(stack, bot.accountId) });
    const before = await wholeLedger();
    const { routes, url } = await stack.startApi();
    const rest = routes.all().filter((route) => !ASKS_A_MODEL.includes(route));
    expect(rest.length).toBeGreaterThan(25);
    const statuses = new Map<string, number>();
    for (const [index, route] of [...rest, ...rest].entries()) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await (index < rest.length ? client : owner).fetch(
        filled(path, { bot_id: bot.botId, job_id: id }),
        {
          method,
          headers: { 'content-type': 'application/json', 'idempotency-key': `ordinary-${index}` },
          ...(method === 'GET' || method === 'HEAD' ? {} : { body: JSON.stringify(bodyFor(path, bot.botId)) }),
        },
      );
      // A stream has no end of its own.
      await answer.body?.cancel();
      statuses.set(route, answer.status);
    }
    expect([...statuses].filter(([route, status]) => status >= 500 && !route.endsWith('/health/ready'))).toEqual([]);
    for (const path of SERVED) expect([path, statuses.get(`GET ${path}`)]).toEqual([path, 200]);
    expect(statuses.get('POST /v1/quotes')).toBe(201);
    expect(await wholeLedger()).toEqual(before);
    expect(url).toBe(stack.apiUrl);
  }, 60_000);

  function filled(path: string, known: Readonly<Record<string, string>>): string {
    return path.replaceAll(/:([a-z_]+)/g, (_, name: string) => known[name] ?? '1');
  }
});
