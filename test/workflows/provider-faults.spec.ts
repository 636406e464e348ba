// What a provider does wrong is recorded and never charged; what it asks for is respected; what nobody wrote is loud.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ScriptedReply } from '@fairmeter/providers';
import { bookOf, createModelPort, ScriptedModel, stepScript } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { eventsNamed, fetchHistory } from '../harness/histories.js';
import { accountFacts, attemptLines, attemptsOf, workflowOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { fault, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

/** Per story, what each attempt at each step gets; the prompt names the story. */
const STORIES: Readonly<Record<string, Readonly<Record<number, readonly ScriptedReply[]>>>> = {
  'away twice': { 1: [fault('unavailable', { status: 503 }), fault('unavailable', { status: 503 }), reply('plan')] },
  'too fast': { 1: [fault('rate_limited', { status: 429, retryAfterMs: 2_500 }), reply('plan')] },
  'broken off': {
    1: [
      fault('broken_stream', {
        text: 'half a pl',
        usage: { input: 900, cachedInput: 0, cacheWrite: 0, output: 70, reasoning: 0 },
      }),
      reply('plan'),
    ],
  },
  'not accepted': { 1: [fault('bad_request', { status: 400 })] },
  'not accepted later': { 2: [fault('bad_request', { status: 400 })] },
  'script too short': { 2: [] },
};
const REST = { 1: [reply('plan')], 2: [reply('=== a.js')], 3: [reply('APPROVED')] };

interface Played {
  readonly jobId: string;
  readonly accountId: string;
  readonly ended: Answer;
  readonly bot: BotClient;
}

describe('a provider that fails', () => {
  let stack: TestStack;
  // Each story waits for seconds as the platform does; side by side they wait once, and the tests look at what came.
  const played = new Map<string, Played>();
  const model = new ScriptedModel({
    entries: Object.entries(STORIES).flatMap(([name, steps]) =>
      bookOf(stepScript({ ...REST, ...steps }), name).entries.map((entry) => ({
        ...entry,
        when: { promptIncludes: `story: ${name};` },
      })),
    ),
  });
  beforeAll(async () => {
    stack = await TestStack.start({ models: createModelPort({ scripted: model }) });
    await Promise.all(Object.keys(STORIES).map(async (story) => played.set(story, await play(story))));
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function play(story: string): Promise<Played> {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt: `story: ${story}; Write a word counter` } });
    expect(submitted.status).toBe(202);
    const jobId = String(submitted.body['id']);
    return { jobId, accountId: owner.accountId, ended: await bot.ended(jobId), bot };
  }

  function cameOf(story: string): Played {
    const found = played.get(story);
    if (found === undefined) throw new Error(`the story "${story}" was not played`);
    return found;
  }

  it('[F8] 503 twice and then an answer are three attempts and one charge', async () => {
    const { jobId, ended, bot } = cameOf('away twice');
    expect(ended.body).toMatchObject({ state: 'completed', charge: '1.800000', iteration: 1 });
    expect(await attemptLines(stack, jobId)).toEqual([
      '1.1 platform_fault unavailable',
      '1.2 platform_fault unavailable',
      '1.3 billable',
      '2.1 billable',
      '3.1 billable',
    ]);
    const cost = await bot.get(`/v1/jobs/${jobId}/cost`);
    expect(cost.body['not_charged']).toHaveLength(2);
  });

  it('[F8] 429 is asked again when the provider said, not before', async () => {
    const { jobId, ended } = cameOf('too fast');
    expect(ended.body).toMatchObject({ state: 'completed', charge: '1.800000' });
    const [first, second] = await attemptsOf(stack, jobId);
    expect([first?.fault, second?.chargeClass]).toEqual(['rate_limited', 'billable']);
    expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThanOrEqual(2_450);
  });

  it('[F8] a stream that breaks off is on our account, with what it used on record', async () => {
    const { jobId, ended, bot } = cameOf('broken off');
    expect(ended.body).toMatchObject({ state: 'completed', charge: '1.800000' });
    const [first] = await attemptsOf(stack, jobId);
    expect(first).toMatchObject({ chargeClass: 'platform_fault', fault: 'broken_stream', input: 900, output: 70 });
    const cost = await bot.get(`/v1/jobs/${jobId}/cost`);
    expect(cost.body['not_charged']).toEqual([
      expect.objectContaining({ step: 1, attempt: 1, tokens: expect.objectContaining({ input: 900, output: 70 }) }),
    ]);
  });

  it('[F8] a request that the provider does not accept ends the job at no charge', async () => {
    const { jobId, accountId, ended } = cameOf('not accepted');
    expect(ended.body).toMatchObject({ state: 'failed', end_reason: 'provider_refused', charge: '0.000000' });
    expect(await attemptLines(stack, jobId)).toEqual(['1.1 platform_fault bad_request']);
    expect(await accountFacts(stack, accountId)).toMatchObject({ openHolds: 0, held: '0.000000', open: '100.000000' });
  });

  it('[F8] one that is not accepted later leaves the finished steps charged', async () => {
    const { accountId, ended } = cameOf('not accepted later');
    expect(ended.body).toMatchObject({ state: 'failed', end_reason: 'provider_refused', charge: '0.600000' });
    expect(await accountFacts(stack, accountId)).toMatchObject({ openHolds: 0, held: '0.000000', open: '99.400000' });
  });

  it('fails loudly where the script has no reply: asked once, named in the history, nothing held', async () => {
    const { jobId, accountId, ended } = cameOf('script too short');
    expect(ended.body).toMatchObject({ state: 'failed', end_reason: 'platform_failed', charge: '0.600000' });
    expect(await attemptLines(stack, jobId)).toEqual(['1.1 billable', '2.1 platform_fault superseded']);
    const history = await fetchHistory(stack, (await workflowOf(stack, jobId)).workflowId);
    const [failed] = eventsNamed(history, 'ACTIVITY_TASK_FAILED');
    expect(failed?.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo).toMatchObject({
      type: 'ScriptExhausted',
      nonRetryable: true,
    });
    expect(await accountFacts(stack, accountId)).toMatchObject({ openHolds: 0, held: '0.000000' });
    await expectLedgerHolds(stack);
  });
});
