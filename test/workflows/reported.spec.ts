// A bot that runs its own agent: each step is asked for and told of, and costs what the same step of ours would.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { accountFacts, attemptsOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { ReportingBot, toolCall, USED } from '../harness/reporting-bot.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const models = createModelPort({
  scripted: new ScriptedModel(
    bookOf(stageScript({ plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] })),
  ),
});

describe('a reported job', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  describe('beside a managed one', () => {
    let managed: BotClient;
    let managedJob: Answer['body'];
    beforeAll(async () => {
      managed = new BotClient(stack, await openBot(stack, { credits: '100' }));
      managedJob = (await managed.ended(String((await managed.submit()).body['id']))).body;
    }, 60_000);

    it('[F5, F7] costs to the last micro-credit what a managed job of the same meters costs', async () => {
      const { charge } = managedJob;
      const bot = await ReportingBot.open(stack);
      const jobId = await bot.openJob();
      expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ mode: 'reported', state: 'running' });
      const first = await bot.begin(jobId);
      expect(first.status).toBe(201);
      expect(first.body).toMatchObject({ step: 1, attempt: 1, max_output_tokens: 400 });
      const ended = await bot.end(jobId, 1, USED);
      expect(ended.body).toMatchObject({ charge: '0.600000', charged_so_far: '0.600000', loop: null, job: null });
      for (const ordinal of [2, 3]) expect((await bot.step(jobId)).body).toMatchObject({ step: ordinal });
      const finished = await bot.finish(jobId);
      expect([finished.status, finished.body]).toEqual([
        200,
        expect.objectContaining({ state: 'completed', end_reason: 'finished', charge, held: '0.000000', loop: null }),
      ]);
      const costs = await Promise.all([
        managed.get(`/v1/jobs/${String(managedJob['id'])}/cost`),
        bot.client.get(`/v1/jobs/${jobId}/cost`),
        bot.client.get(`/v1/jobs/${jobId}/cost/explain`),
      ]);
      expect(costs[1].body['charge']).toEqual(costs[0].body['charge']);
      expect(costs[2].body).toMatchObject({ matches: true });
      expect(await accountFacts(stack, bot.owner.accountId)).toMatchObject({ openHolds: 0, consumed: charge });
      await expectLedgerHolds(stack);
    });
  });

  it('[F5] answers each call that comes again as it did, and does nothing twice', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const begun = await Promise.all([1, 2, 3].map(async () => bot.begin(jobId, {}, 'begin')));
    expect(begun.map(({ status, body }) => [status, body['step']])).toEqual([1, 2, 3].map(() => [201, 1]));
    const ended = await Promise.all([1, 2, 3].map(async () => bot.end(jobId, 1, { ...USED, key: 'end' })));
    expect(ended.map(({ status, body }) => [status, body['charge']])).toEqual([1, 2, 3].map(() => [200, '0.600000']));
    expect((await bot.begin(jobId, {}, 'begin')).body).toEqual(begun[0]?.body);
    const other = await bot.begin(jobId, { iteration: 2 }, 'begin');
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
    const finished = [await bot.finish(jobId, 'completed', 'finish'), await bot.finish(jobId, 'completed', 'finish')];
    expect(finished.map(({ status, body }) => [status, body['state']])).toEqual([
      [200, 'completed'],
      [200, 'completed'],
    ]);
    expect((await bot.end(jobId, 1, { ...USED, key: 'end' })).body).toEqual(ended[0]?.body);
    expect(await attemptsOf(stack, jobId)).toHaveLength(1);
    const late = await bot.begin(jobId);
    expect([late.status, late.body['code'], late.body['state']]).toEqual([409, 'job_ended', 'completed']);
  });

  it('[F5] lets one of two begins of a stream through, and streams run side by side within one budget', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const both = await Promise.all([bot.begin(jobId), bot.begin(jobId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'step_open', step: 1 });
    const held = async (): Promise<unknown> => (await bot.client.get(`/v1/jobs/${jobId}`)).body['held'];
    const one = both.find(({ status }) => status === 201)?.body['held'];
    expect(await held()).toBe(one);
    const beside = await bot.begin(jobId, { stream: 'tests' });
    expect(beside.body).toMatchObject({ step: 2, held: one });
    expect(Number(await held())).toBeCloseTo(Number(one) * 2, 6);
    expect((await bot.finish(jobId)).body).toMatchObject({ code: 'step_open' });
    expect((await bot.end(jobId, 2, USED)).status).toBe(200);
    expect((await bot.end(jobId, 1, USED)).status).toBe(200);
    expect((await bot.finish(jobId)).body).toMatchObject({ charge: '1.200000', held: '0.000000' });
    await expectLedgerHolds(stack);
  });

  it('[F4, F5] streams run side by side in a job that reserves its whole budget', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob({ reserve: 'full', max_credits: '5' });
    const begun = await Promise.all(['a', 'b', 'c'].map(async (stream) => bot.begin(jobId, { stream })));
    expect(begun.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ held: '5.000000' });
    for (const { body } of begun) expect((await bot.end(jobId, body['step'], USED)).status).toBe(200);
    expect((await bot.finish(jobId)).body).toMatchObject({ charge: '1.800000', held: '0.000000' });
    await expectLedgerHolds(stack);
  });

  it('[F5] closes the attempt of a step that is tried anew: one of them is charged', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    await bot.begin(jobId);
    const again = await bot.begin(jobId, { step: 1 });
    expect(again.body).toMatchObject({ step: 1, attempt: 2 });
    const late = await bot.end(jobId, 1, { ...USED, attempt: 1 });
    expect([late.status, late.body['code']]).toEqual([409, 'attempt_closed']);
    expect((await bot.end(jobId, 1, { ...USED, attempt: 2 })).body).toMatchObject({ charge: '0.600000' });
    const twice = await bot.end(jobId, 1, { ...USED, attempt: 2 });
    expect([twice.status, twice.body['code']]).toEqual([409, 'step_not_open']);
    const never = await bot.end(jobId, 9, USED);
    expect([never.status, never.body['code']]).toEqual([409, 'step_not_open']);
    expect(
      (await attemptsOf(stack, jobId)).map(({ state, chargeClass, input }) => [state, chargeClass, input]),
    ).toEqual([
      ['closed', 'platform_fault', 1_000],
      ['ended', 'billable', 1_000],
    ]);
    expect((await bot.finish(jobId)).body).toMatchObject({ charge: '0.600000' });
  });

  it('[edge 48, edge 50] bounds and flags what cannot be, and what was not told', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const usage = { input_tokens: 1_000, cached_input_tokens: 1_500, output_tokens: 200, reasoning_tokens: 300 };
    const clamped = await bot.step(jobId, {}, { usage });
    expect(clamped.body['flags']).toEqual(['cached_over_input', 'reasoning_over_output']);
    const silent = await bot.step(jobId, {}, {});
    expect(silent.body['flags']).toEqual(['no_usage_reported']);
    const [first, second] = await attemptsOf(stack, jobId);
    expect([first?.input, second?.input, second?.output]).toEqual([0, 2_000, 400]);
    await bot.begin(jobId);
    for (const tokens of [{ input: -1 }, { input: 1.5 }, { input: '7' }, { input: 1e15 }]) {
      expect((await bot.end(jobId, 3, { tokens })).body).toMatchObject({ code: 'validation_failed' });
    }
    expect((await bot.end(jobId, 3, USED)).body).toMatchObject({ charge: '0.600000' });
  });

  it('[F7] takes no iteration beyond those of the job, and ends with what there is', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob({ max_iterations: 1 });
    await bot.step(jobId);
    const over = await bot.begin(jobId, toolCall('write', { path: 'a.js' }, 2));
    expect([over.status, over.body]).toEqual([
      409,
      expect.objectContaining({ code: 'iterations_used_up', limit: 1, asked: 2 }),
    ]);
    expect((await bot.finish(jobId, 'completed_partial')).body).toMatchObject({
      state: 'completed_partial',
      end_reason: 'iterations_reached',
    });
  });
});
