// The three doors to a job under way, over HTTP: who may use them, what they answer, and that asking twice is asking
// once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { BotClient } from '../harness/bot-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

describe('steering a job', () => {
  const never = { ...reply('=== a.js'), delayMs: 600_000 };
  const book = bookOf(stageScript({ plan: [reply('plan')], generate: [never] }));
  let stack: TestStack;
  let owner: TestBot;
  let bot: BotClient;
  let jobId: string;
  beforeAll(async () => {
    stack = await TestStack.start({ models: createModelPort({ scripted: new ScriptedModel(book) }) });
    owner = await openBot(stack, { credits: '100' });
    bot = new BotClient(stack, owner);
    jobId = String((await bot.submit({ body: { prompt: 'Write it', max_credits: '20' } })).body['id']);
    await until(
      async () => (await bot.get(`/v1/jobs/${jobId}`)).body,
      ({ steps_ended: ended }) => ended === 1,
    );
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it.each(['cancel', 'resume', 'budget'])('a stranger finds no such job: %s', async (verb) => {
    const stranger = new BotClient(stack, await openBot(stack));
    const answer = await stranger.steer(jobId, verb, verb === 'budget' ? { body: { max_credits: '30' } } : {});
    expect([answer.status, answer.body['code']]).toEqual([404, 'job_not_found']);
  });

  it('raises the budget, once under one key, and says no where the key comes with another amount', async () => {
    const raised = await bot.steer(jobId, 'budget', { key: 'raise', body: { max_credits: '30' } });
    expect([raised.status, raised.body['max_credits']]).toEqual([200, '30.000000']);
    const lowered = await bot.steer(jobId, 'budget', { body: { max_credits: '25' } });
    expect([lowered.status, lowered.body['max_credits']]).toEqual([200, '25.000000']);
    const again = await bot.steer(jobId, 'budget', { key: 'raise', body: { max_credits: '30.0' } });
    expect([again.status, again.body['max_credits']]).toEqual([200, '25.000000']);
    const other = await bot.steer(jobId, 'budget', { key: 'raise', body: { max_credits: '31' } });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
  });

  it('refuses a budget below what is spent and set aside', async () => {
    const answer = await bot.steer(jobId, 'budget', { body: { max_credits: '0.7' } });
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { code: 'budget_below_spent', budget: '0.700000', spent: '0.600000' },
    ]);
    expect((await bot.steer(jobId, 'budget', { body: { max_credits: 30 } })).body['code']).toBe('validation_failed');
  });

  it('[A27] refuses more than the plan allows, and names limit and plan', async () => {
    const answer = await bot.steer(jobId, 'budget', { body: { max_credits: '1000000' } });
    expect([answer.status, answer.body['code'], answer.body['plan']]).toEqual([422, 'budget_over_limit', 'premium']);
  });

  it('lets a job that does not wait go on as it is', async () => {
    const answer = await bot.steer(jobId, 'resume');
    expect([answer.status, answer.body['state']]).toEqual([202, 'running']);
  });

  it('[F21] cancels, and answers every later question by how the job ended', async () => {
    const cancelled = await bot.steer(jobId, 'cancel');
    expect([cancelled.status, cancelled.body]).toMatchObject([
      200,
      { state: 'cancelled', charge: '0.600000', held: '0.000000' },
    ]);
    expect((await bot.steer(jobId, 'cancel')).status).toBe(200);
    for (const [verb, asked] of [
      ['resume', {}],
      ['budget', { body: { max_credits: '40' } }],
    ] as const) {
      const answer = await bot.steer(jobId, verb, asked);
      expect([answer.status, answer.body['code'], answer.body['state']]).toEqual([409, 'job_ended', 'cancelled']);
    }
  }, 20_000);

  it('[F21] leaves its request where no worker is there to obey, and the next one does', async () => {
    const alone = await TestStack.open();
    try {
      await alone.startApi();
      const first = await alone.startWorker(createModelPort({ scripted: new ScriptedModel(book) }));
      const other = new BotClient(alone, await openBot(alone, { credits: '100' }));
      const id = String((await other.submit()).body['id']);
      await first.stop();
      const answer = await other.steer(id, 'cancel');
      expect([answer.status, answer.body['state']]).toEqual([202, 'running']);
      await alone.startWorker(createModelPort({ scripted: new ScriptedModel(book) }));
      expect((await other.ended(id, 40_000)).body).toMatchObject({ state: 'cancelled', held: '0.000000' });
    } finally {
      await alone.stop();
    }
  }, 90_000);
});
