// A request to cancel, whenever it comes: finished steps stay charged, nothing stays held, whoever asked gets an
// answer.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdmitJobInput, AdmitJobResult } from '@fairmeter/contracts';
import { admitUpdate, AI_JOB_WORKFLOW, JOBS_QUEUE } from '@fairmeter/contracts';
import { jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts, attemptLines } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply, threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';

describe('a cancelled job', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F6] in the middle of a step: the finished ones are charged, the open one is not, nothing is held', async () => {
    const script = byStage({ plan: [reply('plan')], generate: [{ ...reply('=== a.js'), delayMs: 600_000 }] });
    const worker = await stack.startWorker(script.port);
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit();
    const jobId = String(submitted.body['id']);
    await until(
      async () => attemptLines(stack, jobId),
      (lines) => lines.includes('2.1 open'),
    );
    const handle = stack.temporal.client.workflow.getHandle(workflowIdOf(owner));
    await handle.cancel();
    expect((await bot.ended(jobId)).body).toMatchObject({
      state: 'cancelled',
      end_reason: 'cancelled',
      charge: '0.600000',
      held: '0.000000',
    });
    expect(await handle.result()).toMatchObject({ outcome: 'ended', state: 'cancelled' });
    // Nothing had come of it, so nobody was charged for anything.
    expect(await attemptLines(stack, jobId)).toEqual(['1.1 billable', '2.1 user_fault cancelled']);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({
      openHolds: 0,
      held: '0.000000',
      open: '99.400000',
    });
    await worker.stop();
    // A stop reaches a step with its next heartbeat.
  }, 30_000);

  it('[F24] before anybody asked: the request is still answered, and the job ends at no charge', async () => {
    const script = threeSteps();
    const worker = await stack.startWorker(script.port);
    const owner = await openBot(stack, { credits: '100' });
    const input = await jobInputOf(stack, owner);
    const handle = await stack.temporal.client.workflow.start(AI_JOB_WORKFLOW, {
      workflowId: workflowIdOf(owner),
      taskQueue: JOBS_QUEUE,
      args: [input],
    });
    await handle.cancel();
    const request = { bodyHash: input.bodyHash, admitBefore: Date.now() + 10_000, requestId: 'by-hand' };
    expect(await handle.executeUpdate(admitUpdate, { args: [request] })).toMatchObject({ outcome: 'admitted' });
    expect(await handle.result()).toMatchObject({ outcome: 'ended', state: 'cancelled' });
    expect(script.model.callCount).toBe(0);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({
      jobs: 1,
      openHolds: 0,
      held: '0.000000',
      open: '100.000000',
    });
    await worker.stop();
  });

  it('[F24] while its hold is being written: the hold is found and given back', async () => {
    const script = threeSteps();
    let asked = 0;
    const worker = await stack.startWorkerLike({
      models: script.port,
      around: ({ jobActivities }) => ({
        jobActivities: {
          // Written at once, acknowledged late: a slow database, seen from the workflow. Longer than a workflow task,
          // so that the request to cancel is seen in between.
          admitJob: async (input: AdmitJobInput): Promise<AdmitJobResult> => {
            const result = await jobActivities.admitJob(input);
            asked += 1;
            if (asked <= 2) await pause(6_000);
            return result;
          },
        },
      }),
    });
    const owner = await openBot(stack, { credits: '100' });
    const submitting = new BotClient(stack, owner).submit();
    await until(
      async () => accountFacts(stack, owner.accountId),
      ({ openHolds }) => openHolds === 1,
    );
    const handle = stack.temporal.client.workflow.getHandle(workflowIdOf(owner));
    await handle.cancel();
    expect([202, 503]).toContain((await submitting).status);
    expect(await handle.result()).toMatchObject({ outcome: 'ended', state: 'cancelled' });
    expect(script.model.callCount).toBe(0);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({
      openHolds: 0,
      held: '0.000000',
      open: '100.000000',
    });
    await expectLedgerHolds(stack);
    await worker.stop();
  }, 60_000);
});
