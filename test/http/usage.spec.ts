// What an account used, over HTTP: told by any property, the same in total, of this account alone, and quick.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usageBody } from '../../apps/api/src/usage/usage-body.js';
import { BotClient } from '../harness/bot-client.js';
import { after, creditsOf, HOUR, T0, use } from '../harness/orders.js';
import { openAccountKey, openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Owner } from './account-client.js';
import { check, clarification, packaging, PostedJobs, SMALL, turn } from './posted-jobs.js';

type Usage = ReturnType<typeof usageBody.parse>;

const KINDS = ['debug', 'optimise', 'generate', 'translate', 'explain', 'document'] as const;
const WHOLE = 'from=2039-01-01T00:00:00Z&to=2039-02-01T00:00:00Z';

let stack: TestStack;
beforeAll(async () => {
  const models = byStage({ plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] }).port;
  stack = await TestStack.start({ models });
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

const sum = (amounts: readonly string[]): bigint =>
  amounts.reduce((total, text) => total + (text.startsWith('-') ? -creditsOf(text.slice(1)) : creditsOf(text)), 0n);

async function usageOf(owner: PostedJobs, query: string): Promise<Usage> {
  return usageBody.strict().parse(await owner.get(`account/usage?${query}`, owner.accountKey));
}

describe('usage of posted jobs', () => {
  let owner: PostedJobs;
  beforeAll(async () => {
    owner = await PostedJobs.open(stack);
    const thread = { threadId: 'thr_long' };
    await owner.play({ steps: [turn(), clarification(), check()], paceMs: 1_000, ...thread });
    await owner.play({ steps: [turn(), packaging()], asOf: after(T0, 2 * HOUR), requestKind: 'explain' });
    // Small enough for the smallest charge, on a model of its own.
    const tiny = turn({
      ...clarification(),
      stage: 'generate',
      kind: 'model_call',
      used: use({ input: 100, calls: 1 }),
    });
    await owner.play({ steps: [tiny], model: SMALL.model, asOf: after(T0, 30 * HOUR), ...thread });
    const refunded = await owner.play({ steps: [turn()], asOf: after(T0, 40 * HOUR) });
    await owner.refund(refunded, 'finding/1', 1);
  }, 60_000);

  const told = async (groupBy: string, more = ''): Promise<[unknown, string][]> =>
    (await usageOf(owner, `group_by=${groupBy}&${WHOLE}${more}`)).data.map(({ key, net }) => [key, net]);

  it('[E14] by model and by thread adds up to the same, and to the ledger', async () => {
    const total = '1.812000';
    expect(await told('model')).toEqual([
      [{ model: 'card-coder' }, '1.500000'],
      [{ model: 'card-small' }, '0.300000'],
      [{ model: null }, '0.012000'],
    ]);
    expect(await told('thread')).toEqual([
      [{ thread: null }, '0.900000'],
      [{ thread: 'thr_long' }, '0.912000'],
    ]);
    const usage = await usageOf(owner, WHOLE);
    expect(usage).toMatchObject({ data: [], rest: null, total: { jobs: 4, refunded: '0.300000', net: total } });
    const entries = (await owner.get('account/ledger?limit=200', owner.accountKey))['data'] as {
      movement: string;
      amount: string;
    }[];
    const moved = (movement: string): bigint =>
      sum(entries.filter((entry) => entry.movement === movement).map(({ amount }) => amount));
    expect(moved('charged') - moved('refunded')).toBe(creditsOf(total));
  });

  it.each([
    ['kind', [{ kind: 'generate' }, { kind: 'explain' }]],
    ['type', [{ type: 'coding' }]],
    ['funding', [{ funding: 'owner' }]],
    ['day', [{ day: '2039-01-02' }, { day: '2039-01-01' }]],
    [
      'artefact,kind',
      [
        { artefact: false, kind: 'generate' },
        { artefact: true, kind: 'explain' },
      ],
    ],
  ])('is told by %s', async (groupBy, keys) => {
    const rows = await told(groupBy);
    expect(rows.map(([key]) => key)).toEqual(keys);
    expect(sum(rows.map(([, net]) => net))).toBe(creditsOf('1.812000'));
  });

  it('[A8] shows two averages, of jobs with a ZIP and of the others', async () => {
    const { data } = await usageOf(owner, `group_by=artefact&${WHOLE}`);
    expect(data.map(({ key, jobs, average_charge: average }) => [key.artefact, jobs, average])).toEqual([
      [false, 3, '0.504000'],
      [true, 1, '0.600000'],
    ]);
  });

  it('[A8] takes files that were too much for their plan for not packed', async () => {
    const planned = await PostedJobs.open(stack);
    await planned.play({ steps: [turn(), packaging({ verdict: 'changes_requested', used: use({}) })] });
    expect((await usageOf(planned, `group_by=artefact&${WHOLE}`)).data.map(({ key }) => key.artefact)).toEqual([false]);
    await planned.play({ steps: [turn(), packaging({ verdict: 'approved' })], asOf: after(T0, HOUR) });
    const packed = await usageOf(planned, `artefact=true&${WHOLE}`);
    expect(packed.total.jobs).toBe(1);
  });

  it('shows the meters beside the money, and how much of what was read is system context', async () => {
    const metered = await PostedJobs.open(stack);
    const used = use({
      input: 600,
      cachedInput: 300,
      cacheWrite: 100,
      output: 50,
      reasoning: 5,
      system: 250,
      calls: 1,
    });
    await metered.play({ steps: [turn({ used, failed: [use({ input: 9_000, calls: 1 })] }), check()] });
    expect((await usageOf(metered, WHOLE)).total).toMatchObject({
      tokens: { input: 600, cached_input: 300, cache_write: 100, output: 50, reasoning: 5 },
      system_tokens: 250,
      system_share: 0.25,
      calls: 2,
      milliseconds: 1_000,
    });
  });

  it('counts days in the zone of the account', async () => {
    const away = await PostedJobs.open(stack);
    await stack.entities.manager.query(`UPDATE records.accounts SET time_zone = 'Asia/Kathmandu' WHERE id = $1`, [
      away.bot.accountId,
    ]);
    await away.play({ steps: [turn()], asOf: after(T0, 18 * HOUR) });
    await away.play({ steps: [turn()], asOf: after(T0, 18.25 * HOUR) });
    const usage = await usageOf(away, `group_by=day&${WHOLE}`);
    expect([usage.time_zone, usage.data.map(({ key }) => key.day)]).toEqual([
      'Asia/Kathmandu',
      ['2039-01-02', '2039-01-01'],
    ]);
  });

  it('of a time tells what moved in it: a refund counts where it was made, not where it was charged', async () => {
    const late = await PostedJobs.open(stack);
    const job = await late.play({ steps: [turn()] });
    await late.play({ steps: [turn()], asOf: after(T0, 48 * HOUR) });
    await late.refund(job, 'finding/1', 1);
    const days = (await usageOf(late, `group_by=day&${WHOLE}`)).data;
    expect(days.map(({ key, jobs, charged, refunded, net }) => [key.day, jobs, charged, refunded, net])).toEqual([
      ['2039-01-03', 2, '0.600000', '0.300000', '0.300000'],
      ['2039-01-01', 1, '0.600000', '0.000000', '0.600000'],
    ]);
    const first = await usageOf(late, 'from=2039-01-01T00:00:00Z&to=2039-01-02T00:00:00Z');
    expect(first.total).toMatchObject({ jobs: 1, net: '0.600000' });
  });

  it('with fewer rows than there are adds the others up, so that nothing is lost', async () => {
    const { data, rest, total } = await usageOf(owner, `group_by=model,day&${WHOLE}&limit=1`);
    expect([data.length, rest?.rows]).toEqual([1, 4]);
    expect(sum([...data.map(({ net }) => net), rest?.net ?? '0'])).toBe(creditsOf(total.net));
    expect(Number(data[0]?.tokens.input) + Number(rest?.tokens.input)).toBe(total.tokens.input);
  });

  it('[A3] lists bots of both types together, and its total is their sum', async () => {
    const both = await PostedJobs.open(stack);
    const chat = await openBot(stack, { type: 'chat', accountId: both.bot.accountId, model: 'demo-chat' });
    await both.play({ steps: [turn()] });
    const other = await both.play({ steps: [turn(), turn()] });
    await stack.entities.manager.query(`UPDATE ledger.jobs SET bot_id = $2, bot_type = 'chat' WHERE id = $1`, [
      other.jobId,
      chat.botId,
    ]);
    const { data, total, account_id: accountId } = await usageOf(both, `group_by=bot,type&${WHOLE}`);
    expect(accountId).toBe(both.bot.accountId);
    expect(data.map(({ key, net }) => [key, net])).toEqual([
      [{ bot: chat.botId, type: 'chat' }, '1.200000'],
      [{ bot: both.bot.botId, type: 'coding' }, '0.600000'],
    ]);
    expect(total.net).toBe('1.800000');
  });

  it.each([
    ['group_by=colour', 'group_by'],
    ['group_by=', 'group_by'],
    ['group_by=kind,kind', 'group_by'],
    ['group_by=kind,bot,day', 'group_by'],
    ['from=yesterday', 'from'],
    ['from=2039-01-02T00:00:00Z&to=2039-01-02T00:00:00Z', 'from'],
    ['from=2038-01-01T00:00:00Z&to=2039-01-03T00:00:00Z', 'from'],
    ['limit=1001', 'limit'],
    ['kind=guess', 'kind'],
    ['artefact=yes', 'artefact'],
    ['thread_id=', 'thread_id'],
    ['colour=red', 'colour'],
  ])('refuses %s and names %s', async (query, parameter) => {
    const account = new BotClient(stack, { ...owner.bot, key: owner.accountKey });
    const answer = await account.get(`/v1/account/usage?${query}`);
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    expect(answer.body['errors']).toMatchObject([{ parameter }]);
  });

  it('is for keys of the account with its scope, and never shows what is another\u2019s', async () => {
    const readsOnly = await openAccountKey(stack, owner.bot.accountId, ['read', 'submit']);
    for (const key of [owner.bot.key, readsOnly]) {
      const answer = await new BotClient(stack, { ...owner.bot, key }).get('/v1/account/usage');
      expect([answer.status, answer.body['required_scope']]).toEqual([403, 'account']);
    }
    const stranger = await PostedJobs.open(stack);
    const seen = await usageOf(stranger, `group_by=bot&${WHOLE}&bot_id=${owner.bot.botId}`);
    expect([seen.data, seen.total.jobs, seen.total.net]).toEqual([[], 0, '0.000000']);
  });
});

describe('usage of jobs that ran', () => {
  it('[D1] has each kind of request apart, and each can be asked for alone', async () => {
    const owner = await Owner.open(stack, { credits: '100' });
    for (const kind of KINDS) {
      const submitted = await owner.jobs.submit({ key: kind, body: { prompt: `Please ${kind}`, request_kind: kind } });
      expect([kind, submitted.status]).toEqual([kind, 202]);
      await owner.jobs.ended(String(submitted.body['id']));
    }
    const { body } = await owner.get('usage?group_by=kind');
    const { data, total } = usageBody.strict().parse(body);
    expect(data.map(({ key }) => key.kind).sort()).toEqual([...KINDS].sort());
    expect(total).toMatchObject({ jobs: KINDS.length, net: '10.800000' });
    for (const kind of KINDS) {
      const alone = usageBody.parse((await owner.get(`usage?group_by=kind&kind=${kind}`)).body);
      expect(alone.data.map(({ key, net }) => [key, net])).toEqual([[{ kind }, '1.800000']]);
      expect(alone.total).toMatchObject({ jobs: 1, net: '1.800000' });
    }
  }, 60_000);
});
