// The points at which a step can be lost, one by one: each leaves one charge, and the next try finds what was done.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunStepInput, RunStepResult, StepActivities } from '@fairmeter/contracts';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ModelOutcome, ModelPort } from '@fairmeter/providers';
import { jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { accountFacts, attemptLines, attemptsOf } from '../harness/ledger-facts.js';
import { openBot, type TestBot } from '../harness/people.js';
import { byStep, reply, threeSteps } from '../harness/scripts.js';
import { TestStack, type WorkerWish } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const ONCE = { jobs: 1, holds: 1, openHolds: 0, held: '0.000000', consumed: '1.800000' };

/** Fails where a machine could, the first time it comes by. */
class OneDeath {
  private left = 1;

  strike(): void {
    if (this.left === 0) return;
    this.left -= 1;
    throw new Error('the machine died here');
  }
}

describe('a step that is lost at one point', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  interface Story {
    readonly jobId: string;
    readonly owner: TestBot;
    readonly submitted: number;
    readonly ended: Answer['body'];
  }

  async function complete(wish: WorkerWish): Promise<Story> {
    const worker = await stack.startWorkerLike(wish);
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const { status: submitted, body } = await bot.submit();
    const jobId = String(body['id']);
    const { body: ended } = await bot.ended(jobId);
    await worker.stop();
    return { jobId, owner, submitted, ended };
  }

  async function expectOnce({ owner, submitted, ended }: Story): Promise<void> {
    expect(submitted).toBe(202);
    expect(ended).toMatchObject({ state: 'completed', charge: '1.800000' });
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
  }

  // The next try of a step comes a moment later: the story goes to its end before it is looked at.
  describe('after it was committed', () => {
    const script = threeSteps();
    const death = new OneDeath();
    let story: Story;
    beforeAll(async () => {
      story = await complete({
        models: script.port,
        around: ({ stepActivities }) => ({
          stepActivities: {
            runStep: async (input: RunStepInput): Promise<RunStepResult> => {
              const result = await stepActivities.runStep(input);
              death.strike();
              return result;
            },
          } satisfies StepActivities,
        }),
      });
    }, 60_000);

    it('[F5, edge 30] committed, and the acknowledgement lost: the retry finds the step ended', async () => {
      await expectOnce(story);
      expect(script.model.callCount).toBe(3);
      expect(await attemptLines(stack, story.jobId)).toEqual(['1.1 billable', '2.1 billable', '3.1 billable']);
    });
  });

  describe('before it was written', () => {
    const script = byStep({
      1: [reply('plan'), reply('plan again')],
      2: [reply('=== a.js')],
      3: [reply('APPROVED')],
    });
    const death = new OneDeath();
    const models: ModelPort = {
      generate: async (request, options): Promise<ModelOutcome> => {
        const outcome = await script.port.generate(request, options);
        death.strike();
        return outcome;
      },
    };
    let story: Story;
    beforeAll(async () => {
      story = await complete({ models });
    }, 60_000);

    it('[F5, edge 28] answered, and lost before it was written: an uncharged attempt, one charge', async () => {
      await expectOnce(story);
      expect(script.model.callCount).toBe(4);
      expect(await attemptLines(stack, story.jobId)).toEqual([
        '1.1 platform_fault superseded',
        '1.2 billable',
        '2.1 billable',
        '3.1 billable',
      ]);
    });
  });

  describe('after its job was admitted', () => {
    const script = threeSteps();
    const death = new OneDeath();
    let story: Story;
    beforeAll(async () => {
      story = await complete({
        models: script.port,
        around: ({ jobActivities }) => ({
          jobActivities: {
            admitJob: async (input) => {
              const result = await jobActivities.admitJob(input);
              death.strike();
              return result;
            },
          },
        }),
      });
    }, 60_000);

    it('[F5, edge 30] an admission committed and lost is found again: one job, one hold', async () => {
      await expectOnce(story);
      expect(script.model.callCount).toBe(3);
    });
  });

  describe('after its job was settled', () => {
    const death = new OneDeath();
    let story: Story;
    beforeAll(async () => {
      story = await complete({
        models: threeSteps().port,
        around: ({ jobActivities }) => ({
          jobActivities: {
            settleJob: async (input) => {
              const result = await jobActivities.settleJob(input);
              death.strike();
              return result;
            },
          },
        }),
      });
    }, 60_000);

    it('[F6, edge 30] an ending committed and lost is found again: released once', async () => {
      await expectOnce(story);
      await expectLedgerHolds(stack);
    });
  });

  it('[F5] a worker that stops in order hands its step over: the next one finishes, charged once', async () => {
    const slow = byStep({ 1: [reply('plan')], 2: [{ ...reply('=== a.js'), delayMs: 600_000 }] });
    const stopping = await stack.startWorkerLike({ models: slow.port, shutdownGraceMs: 200 });
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit();
    const jobId = String(submitted.body['id']);
    await until(
      async () => attemptLines(stack, jobId),
      (lines) => lines.includes('2.1 open'),
    );
    const stoppedAt = Date.now();
    await stopping.stop();
    const next = byStep({ 2: [reply('never asked'), reply('=== a.js')], 3: [reply('APPROVED')] });
    const worker = await stack.startWorkerLike({ models: next.port });
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    // Handed over, not found missing after half a minute of silence.
    expect(Date.now() - stoppedAt).toBeLessThan(15_000);
    expect(await attemptLines(stack, jobId)).toEqual([
      '1.1 billable',
      '2.1 platform_fault cancelled',
      '2.2 billable',
      '3.1 billable',
    ]);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    await worker.stop();
  }, 40_000);
});

describe('two tries of one step at once', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F5] the earlier is closed uncharged; what it brings late is metered and moves no money', async () => {
    let answerFirst: (() => void) | undefined;
    const script = byStep({ 1: [reply('late', { input: 900 }), reply('plan')] });
    const models: ModelPort = {
      generate: async (request, options): Promise<ModelOutcome> => {
        const outcome = await script.port.generate(request, options);
        if (request.requestRef.endsWith('/a1')) await new Promise<void>((resume) => (answerFirst = resume));
        return outcome;
      },
    };
    const { parts } = await stack.startWorkerLike({ models });
    const owner = await openBot(stack, { credits: '100' });
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
    const step: RunStepInput = { jobId, ordinal: 1, iteration: 1, stage: 'plan', kind: 'model_call', asOf: Date.now() };
    const tryStep = async (attempt: number): Promise<RunStepResult> =>
      new MockActivityEnvironment({ attempt }).run(async () => parts.stepActivities.runStep(step));

    const first = tryStep(1).catch((error: unknown) => error);
    await until(
      async () => answerFirst !== undefined,
      (called) => called,
    );
    expect(await tryStep(2)).toMatchObject({ outcome: 'ended', chargeMicroCredits: '600000' });
    const facts = await accountFacts(stack, owner.accountId);
    expect(facts.consumed).toBe('0.600000');
    answerFirst?.();
    // Were it the one that is listened to, its next try would find what became of the step.
    expect(await first).toMatchObject({ type: 'superseded', nonRetryable: false });
    expect(await attemptsOf(stack, jobId)).toEqual([
      expect.objectContaining({ attempt: 1, state: 'closed', chargeClass: 'platform_fault', input: 900 }),
      expect.objectContaining({ attempt: 2, state: 'ended', chargeClass: 'billable', input: 1_000 }),
    ]);
    expect(await accountFacts(stack, owner.accountId)).toEqual(facts);
    // The same try once more, as when its answer was lost: found, not done again.
    expect(await tryStep(3)).toMatchObject({ outcome: 'ended', chargeMicroCredits: '600000' });
    expect(await accountFacts(stack, owner.accountId)).toEqual(facts);
    expect(script.model.callCount).toBe(2);
    await expectLedgerHolds(stack);
  });
});
