// Runs that go on where another stopped: a history that grew too long, a run that is told its progress, a worker that
// remembers nothing between two tasks.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AiJobInput } from '@fairmeter/contracts';
import { admitUpdate, AI_JOB_WORKFLOW, JOBS_QUEUE } from '@fairmeter/contracts';
import type { ModelPort } from '@fairmeter/providers';
import { MockActivityEnvironment } from '@temporalio/testing';
import { jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { eventNames, fetchHistory, fillUp } from '../harness/histories.js';
import { accountFacts, attemptLines, workflowOf } from '../harness/ledger-facts.js';
import { openBot, type TestBot } from '../harness/people.js';
import { byStep, fault, reply, threeSteps } from '../harness/scripts.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const ONCE = { jobs: 1, holds: 1, openHolds: 0, held: '0.000000', consumed: '1.800000' };
const BILLABLE = ['1.1 billable', '2.1 billable', '3.1 billable'];

describe('a job that another run goes on with', () => {
  const script = threeSteps();
  let letGo = (): void => undefined;
  const isLong = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  // The second step of the first job lasts until its history is long enough, however slow that is.
  const models: ModelPort = {
    generate: async (request, options) => {
      if (script.model.callCount === 1) await isLong;
      return script.port.generate(request, options);
    },
  };
  let stack: TestStack;
  let worker: RunningWorker;
  beforeAll(async () => {
    stack = await TestStack.open({ models });
    worker = await stack.startWorker();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F5, F6] continues as new between two steps when its history is too long, and does none twice', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    const { workflowId, runId } = await workflowOf(stack, jobId);
    const first = stack.temporal.client.workflow.getHandle(workflowId, runId);
    await until(
      async () => attemptLines(stack, jobId),
      (lines) => lines.includes('2.1 open'),
    );
    await fillUp(first);
    letGo();
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
    expect(await attemptLines(stack, jobId)).toEqual(BILLABLE);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    const latest = stack.temporal.client.workflow.getHandle(workflowId);
    // It goes on for a moment after its job has ended.
    await latest.result();
    const last = await latest.describe();
    expect([last.status.name, last.runId === runId]).toEqual(['COMPLETED', false]);
    expect(await bot.submit()).toMatchObject({ status: 202, body: { id: jobId, replayed: true } });
  }, 40_000);

  it('[F5] goes on from the progress it is told, and answers whoever asks with its job', async () => {
    const { parts } = worker;
    const owner = await openBot(stack, { credits: '100' });
    const input = await jobInputOf(stack, owner);
    const workflowId = workflowIdOf(owner);
    const admission = { workflowId, runId: 'an-earlier-run', admitBefore: Date.now() + 10_000, asOf: Date.now() };
    const admitted = await parts.jobActivities.admitJob({ ...input, ...admission });
    if (admitted.outcome !== 'admitted') throw new Error(`the job was not admitted: ${admitted.outcome}`);
    const { job } = admitted;
    const plan = { jobId: job.jobId, ordinal: 1, iteration: 1, stage: 'plan', kind: 'model_call', asOf: 0 } as const;
    await new MockActivityEnvironment().run(async () => parts.stepActivities.runStep(plan));

    const callsBefore = script.model.callCount;
    const resume: AiJobInput['resume'] = {
      job,
      progress: { ordinal: 1, last: { stage: 'plan', iteration: 1, verdict: 'go_on' } },
    };
    const handle = await stack.temporal.client.workflow.start(AI_JOB_WORKFLOW, {
      workflowId,
      taskQueue: JOBS_QUEUE,
      args: [{ ...input, resume }],
    });
    const request = { bodyHash: input.bodyHash, admitBefore: 0, requestId: 'much-later' };
    const answer = await handle.executeUpdate(admitUpdate, { args: [request] });
    expect(answer).toMatchObject({ outcome: 'admitted', jobId: job.jobId });
    expect(await handle.result()).toMatchObject({ outcome: 'ended', state: 'completed' });
    expect(script.model.callCount - callsBefore).toBe(2);
    expect(await attemptLines(stack, job.jobId)).toEqual(BILLABLE);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    await expectLedgerHolds(stack);
  }, 40_000);
});

describe('a worker that remembers nothing', () => {
  let stack: TestStack;
  let owner: TestBot;
  let bot: BotClient;
  let answers: Answer[];
  // The provider that is away is asked again a moment later.
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
    const models = byStep({
      1: [reply('plan')],
      2: [fault('unavailable', { status: 503 }), reply('=== a.js')],
      3: [reply('APPROVED')],
    });
    await stack.startWorkerLike({ models: models.port, maxCachedWorkflows: 0 });
    owner = await openBot(stack, { credits: '100' });
    bot = new BotClient(stack, owner);
    answers = await Promise.all([bot.submit(), bot.submit()]);
    await bot.ended(String(answers[0]?.body['id']));
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F5, F8] replays the job from its start at every task and comes to the same end', async () => {
    const jobId = String(answers[0]?.body['id']);
    expect(answers.map(({ status, body }) => [status, body['id']])).toEqual([
      [202, jobId],
      [202, jobId],
    ]);
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    const { workflowId } = await workflowOf(stack, jobId);
    await stack.temporal.client.workflow.getHandle(workflowId).result();
    expect(eventNames(await fetchHistory(stack, workflowId))).not.toContain('WORKFLOW_TASK_FAILED');
  });
});
