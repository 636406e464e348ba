// Not enough credits: nothing is asked of a provider, nothing is written, and nobody is held to the refusal later.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { giveCredits, openBot, type TestBot } from '../harness/people.js';
import { byStage, reply, threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const NOTHING = { jobs: 0, holds: 0, openHolds: 0, held: '0.000000', consumed: '0.000000' };
const seen = ({ status, body }: Answer): unknown[] => [status, body['code'] ?? body['replayed']];

describe('a request without credits', () => {
  const script = threeSteps();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F3] is refused with what it takes, before any workflow, entry or provider call', async () => {
    const owner = await openBot(stack);
    const bot = new BotClient(stack, owner);
    const callsBefore = script.model.callCount;
    const answer = await bot.submit();
    expect(answer.status).toBe(402);
    expect(answer.body).toMatchObject({
      code: 'credits_exhausted',
      limit_source: 'account_credits',
      required: expect.stringMatching(/^\d+\.\d{6}$/),
      available: '0.000000',
      options: ['tell_owner'],
    });
    expect(answer.body['required']).not.toBe('0.000000');
    expect(script.model.callCount).toBe(callsBefore);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ ...NOTHING, entries: 0 });
    const workflow = stack.temporal.client.workflow.getHandle(workflowIdOf(owner));
    await expect(workflow.describe()).rejects.toThrow(/not found/i);

    await giveCredits(stack, owner.accountId, '100');
    const again = await bot.submit();
    expect(seen(again)).toEqual([202, false]);
    expect((await bot.ended(String(again.body['id']))).body).toMatchObject({ state: 'completed', charge: '1.800000' });
  });
});

describe('the smallest charge', () => {
  let stack: TestStack;
  // 500 input tokens of the chat model come to 0.03 credits.
  const script = byStage({ answer: [reply('hello', { input: 600, output: 0 })] });
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F3, W4] refuses 0.06 credits, though what it would use costs less, and charges 0.03 + 0.07', async () => {
    const poor = await openBot(stack, { type: 'chat', credits: '0.06' });
    const refused = await new BotClient(stack, poor).submit();
    expect(seen(refused)).toEqual([402, 'credits_exhausted']);
    expect(refused.body['available']).toBe('0.060000');
    expect(script.model.callCount).toBe(0);
    expect(await accountFacts(stack, poor.accountId)).toMatchObject({ ...NOTHING, open: '0.060000' });

    const bot = new BotClient(stack, await openBot(stack, { type: 'chat', credits: '5' }));
    const submitted = await bot.submit();
    const jobId = String(submitted.body['id']);
    expect((await bot.ended(jobId)).body['charge']).toBe('0.100000');
    const cost = await bot.get(`/v1/jobs/${jobId}/cost`);
    expect(cost.body).toMatchObject({
      charge: '0.100000',
      minimum: { amount: '0.070000' },
      steps: [expect.objectContaining({ charge: '0.030000' })],
    });
  });
});

describe('two requests for the last credits', () => {
  let stack: TestStack;
  let owner: TestBot;
  let bot: BotClient;
  let answers: Answer[];
  const script = threeSteps();
  beforeAll(async () => {
    stack = await TestStack.open({ models: script.port });
    await stack.startApi();
    owner = await openBot(stack, { credits: '2' });
    bot = new BotClient(stack, owner);
    const keys = ['one', 'two'];
    // Nobody decides yet: both pass the door's look, and both wait for their run.
    const waiting = keys.map(async (key) => bot.submitUntilKnown({ key }));
    for (const key of keys) await until(async () => isThere(workflowIdOf(owner, key)), Boolean);
    await stack.startWorker();
    answers = await Promise.all(waiting);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const isThere = async (workflowId: string): Promise<boolean> =>
    stack.temporal.client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => true,
        () => false,
      );

  it('[F3] the one whose run was refused is decided anew with its key: refused again, then admitted', async () => {
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 402]);
    const [winner, loser] = answers[0]?.status === 202 ? ['one', 'two'] : ['two', 'one'];
    expect(await stack.temporal.client.workflow.getHandle(workflowIdOf(owner, loser)).result()).toEqual({
      outcome: 'not_admitted',
      why: 'refused',
    });
    const won = answers.find(({ status }) => status === 202);
    await bot.ended(String(won?.body['id']));

    expect(seen(await bot.submit({ key: loser }))).toEqual([402, 'credits_exhausted']);
    await giveCredits(stack, owner.accountId, '50');
    const admitted = await bot.submit({ key: loser });
    expect(seen(admitted)).toEqual([202, false]);
    await bot.ended(String(admitted.body['id']));
    expect(seen(await bot.submit({ key: winner }))).toEqual([202, true]);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ jobs: 2, holds: 2, openHolds: 0 });
    await expectLedgerHolds(stack);
  });
});
