// Tools that answer at once are done within the workflow's own task: fewer events, the same rows, and a task that is
// lost is done again without paying for any of its steps twice.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunStepInput, RunStepResult } from '@fairmeter/contracts';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { renderToolCall } from '@fairmeter/providers/tools';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DEFAULT_BODY, jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { eventsNamed, fetchHistory } from '../harness/histories.js';
import { accountFacts, attemptsOf, stepsOf, workflowOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const write = (path: string): string => renderToolCall({ tool: 'write', path, content: '{}\n' });
const search = renderToolCall({ tool: 'search', kind: 'literal', query: 'x' });
const done = renderToolCall({ tool: 'done', summary: 'done' });

const answering = (marker: string, answer: string) =>
  bookOf(
    stageScript({ plan: [reply('two files'), reply('two files')], generate: [reply(answer), reply(answer)] }),
    marker,
  ).entries.map((entry) => ({ ...entry, when: { promptIncludes: marker } }));

describe('the tools of an answer', () => {
  const model = new ScriptedModel({
    entries: [
      ...answering('[quick]', `${write('a.json')}${write('b.json')}${done}`),
      ...answering(DEFAULT_BODY.prompt, `${write('a.json')}${write('b.json')}${done}`),
      ...answering('[search]', `${write('a.json')}${search}${done}`),
    ],
  });
  let stack: TestStack;
  let worker: Awaited<ReturnType<TestStack['startWorkerLike']>>;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
    worker = await stack.startWorkerLike({ models: createModelPort({ scripted: model }) });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  async function run(prompt: string): Promise<{ stages: string[]; asActivities: number }> {
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    const bot = new BotClient(stack, owner);
    const id = String((await bot.submit({ body: { prompt, extras: { zip: false } } })).body['id']);
    expect((await bot.ended(id)).body).toMatchObject({ state: 'completed', end_reason: 'finished' });
    const { workflowId } = await workflowOf(stack, id);
    await stack.temporal.client.workflow.getHandle(workflowId).result();
    const history = await fetchHistory(stack, workflowId);
    return {
      stages: (await stepsOf(stack, id)).map(({ stage }) => stage),
      asActivities: eventsNamed(history, 'ACTIVITY_TASK_SCHEDULED').length,
    };
  }

  it('are no activities of the steps queue where all of them answer at once', async () => {
    expect(await run('[quick]')).toEqual({
      stages: ['plan', 'generate', 'tool', 'tool', 'check', 'preview'],
      asActivities: 4,
    });
  }, 30_000);

  it('go to the steps queue where one of them may take long', async () => {
    expect(await run('[search]')).toEqual({
      stages: ['plan', 'generate', 'tool', 'tool', 'check', 'preview'],
      asActivities: 6,
    });
  }, 30_000);

  it('[F5] are found done by a task that is done again: one attempt, one charge', async () => {
    const { parts } = worker;
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    const input = await jobInputOf(stack, owner);
    const admitted = await parts.jobActivities.admitJob({
      ...input,
      workflowId: workflowIdOf(owner),
      runId: 'run-by-hand',
      admitBefore: Date.now() + 10_000,
      asOf: Date.now(),
    });
    if (admitted.outcome !== 'admitted') throw new Error(`the job was not admitted: ${admitted.outcome}`);
    const { jobId } = admitted.job;
    const step = async (of: Partial<RunStepInput>, isLocal: boolean): Promise<RunStepResult> =>
      new MockActivityEnvironment({ isLocal }).run(async () =>
        parts.stepActivities.runStep({
          jobId,
          ordinal: 1,
          iteration: 1,
          stage: 'plan',
          kind: 'model_call',
          asOf: Date.now(),
          ...of,
        }),
      );
    await step({}, false);
    const said = await step({ ordinal: 2, stage: 'generate' }, false);
    expect(said).toMatchObject({ report: { calls: { count: 2, then: 'check', atOnce: true } } });

    const tool = { ordinal: 3, stage: 'tool', kind: 'tool_call', call: { of: 2, index: 0 } } as const;
    const first = await step(tool, true);
    const facts = await accountFacts(stack, owner.accountId);
    // The server never heard of it: the same activity of the same run, and the first attempt again.
    expect(await step(tool, true)).toEqual(first);
    expect(first).toMatchObject({ outcome: 'ended', verdict: 'go_on' });
    expect(await accountFacts(stack, owner.accountId)).toEqual(facts);
    expect((await attemptsOf(stack, jobId)).filter((attempt) => attempt.step === 3)).toEqual([
      expect.objectContaining({ attempt: 1, state: 'ended', chargeClass: 'billable' }),
    ]);
  }, 30_000);
});
