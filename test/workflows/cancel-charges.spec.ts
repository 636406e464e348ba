// What a job costs that is stopped in the middle of a step: what the provider had produced by then and no more, for a
// cancel and for a deadline alike; and one ending, however many things would end it at once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdmitJobInput, AdmitJobResult } from '@fairmeter/contracts';
import { formatCredits } from '@fairmeter/domain';
import { createModelPort, ScriptedModel, bookOf, stageScript } from '@fairmeter/providers';
import { workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { HEARTBEAT_MS } from '../../libs/activities/src/steps/step-control.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts, attemptLines, attemptsOf } from '../harness/ledger-facts.js';
import { amount, openBot, type TestBot } from '../harness/people.js';
import { reply, threeSteps } from '../harness/scripts.js';
import { StallingModel } from '../harness/stalling-model.js';
import { type RunningWorker, TestStack } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';

/** A thousand lines of three tokens each by our own count, in a hundred pieces. */
const DRAFT = 'abcdefg\n'.repeat(1_000);
const PIECES = 100;
/** From the admission on: a busy machine too has most of the draft by then. */
const DRAFTED_WITHIN_MS = 8_000;

/** So that all of the time in which a step must have said what it used is left to it. */
const HEARD_SOON_MS = 500;

/** Of cancels, each a little later in its job than the one before. */
const ROUNDS = 30;
/** Where a job takes longer than all of these pauses, as on a busy machine: until one has ended before its cancel. */
const MORE_ROUNDS = 8;

describe('a job that is stopped in the middle of a step', () => {
  const script = stageScript({
    plan: [reply('plan')],
    generate: [{ ...reply(DRAFT), usage: null, chunks: PIECES }],
    review: [reply('APPROVED')],
  });
  const model = new StallingModel(createModelPort({ scripted: new ScriptedModel(bookOf(script)) }), {
    stage: 'generate',
    textBytes: 0.95 * DRAFT.length,
  });
  let stack: TestStack;
  /** What the next job's deadline is, from its admission on. */
  let deadlineMs: number | null = null;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  /** Whose steps hear of a stop at latest after as long. */
  async function startWorker(heartbeatMs: number): Promise<RunningWorker> {
    return stack.startWorkerLike({
      models: model,
      heartbeatMs,
      around: ({ jobActivities }) => ({
        jobActivities: {
          admitJob: async (input: AdmitJobInput): Promise<AdmitJobResult> => {
            const result = await jobActivities.admitJob(input);
            if (result.outcome !== 'admitted' || deadlineMs === null) return result;
            return { ...result, job: { ...result.job, deadline: input.asOf + deadlineMs } };
          },
          settleJob: async (input) => jobActivities.settleJob(input),
        },
      }),
    });
  }

  /** To be called where a part of this suite begins: its jobs have such a worker. */
  function workedOn(heartbeatMs: number): void {
    let worker: RunningWorker;
    beforeAll(async () => {
      worker = await startWorker(heartbeatMs);
    }, 60_000);
    afterAll(async () => {
      await worker.stop();
    }, 60_000);
  }

  async function stalledJob(): Promise<{ owner: TestBot; bot: BotClient; jobId: string }> {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    await until(
      async () => model.stalled,
      (stalled) => stalled.some((ref) => ref.includes(jobId)),
    );
    return { owner, bot, jobId };
  }

  async function expectDraftCharged(jobId: string, charge: string): Promise<void> {
    const [, draft] = await attemptsOf(stack, jobId);
    expect(draft).toMatchObject({ chargeClass: 'billable', fault: 'cancelled', output: 2_850 });
    const draftCharge = BigInt(draft?.input ?? 0) * 300n + 2_850n * 1_500n;
    expect(charge).toBe(formatCredits((amount('0.6') + draftCharge) as ReturnType<typeof amount>));
  }

  describe('and hears of it as in production', () => {
    workedOn(HEARTBEAT_MS);

    it('[F21] cancelled after 95 % of a stream it costs 95 % of it and holds nothing within 10 s', async () => {
      const { owner, bot, jobId } = await stalledJob();
      const { held } = (await bot.get(`/v1/jobs/${jobId}`)).body;
      const asked = Date.now();
      const cancelled = await bot.steer(jobId, 'cancel');
      expect(Date.now() - asked).toBeLessThan(10_000);
      expect([cancelled.status, cancelled.body]).toMatchObject([
        200,
        { state: 'cancelled', end_reason: 'cancelled', held: '0.000000', steps_ended: 1 },
      ]);
      const charge = String(cancelled.body['charge']);
      await expectDraftCharged(jobId, charge);
      expect(amount(charge) - amount('0.6') <= amount(String(held))).toBe(true);
      expect(await attemptLines(stack, jobId)).toEqual(['1.1 billable', '2.1 billable cancelled']);
      expect((await bot.steer(jobId, 'cancel')).body).toEqual(cancelled.body);
      expect(await accountFacts(stack, owner.accountId)).toMatchObject({ openHolds: 0, held: '0.000000' });
      await expectLedgerHolds(stack);
    }, 30_000);
  });

  // What it has come to does not hang on how soon it hears of the stop: the sooner, the longer it has to say so.
  describe('and hears of it soon', () => {
    workedOn(HEARD_SOON_MS);

    it('[F7, F21] at its deadline it ends as partly done and costs what the draft had come to', async () => {
      deadlineMs = DRAFTED_WITHIN_MS;
      const { bot, jobId } = await stalledJob();
      deadlineMs = null;
      const { body } = await bot.ended(jobId);
      expect(body).toMatchObject({ state: 'completed_partial', end_reason: 'deadline_reached', held: '0.000000' });
      await expectDraftCharged(jobId, String(body['charge']));
    }, 30_000);

    it('[edge 79] many cancels at once hear of one ending', async () => {
      const { bot, jobId } = await stalledJob();
      const answers = await Promise.all(Array.from({ length: 8 }, async () => bot.steer(jobId, 'cancel')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ body }) => body['state']))).toEqual(new Set(['cancelled']));
      expect(new Set(answers.map(({ body }) => body['charge'])).size).toBe(1);
    }, 30_000);
  });
});

describe('a cancel that meets the end of its job', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[edge 79] leaves one ending, which everybody hears, and nothing held', async () => {
    const seen = new Set<unknown>();
    const isOver = (round: number): boolean =>
      round >= ROUNDS && (seen.has('completed') || round >= ROUNDS + MORE_ROUNDS);
    for (let round = 0; !isOver(round); round++) {
      const owner = await openBot(stack, { credits: '20' });
      const bot = new BotClient(stack, owner);
      const jobId = String((await bot.submit()).body['id']);
      await pause(round < ROUNDS ? round * 8 : (round - ROUNDS + 1) * 500);
      const cancelled = await bot.steer(jobId, 'cancel');
      expect(cancelled.status).toBe(200);
      const { body } = await bot.get(`/v1/jobs/${jobId}`);
      expect(cancelled.body).toEqual(body);
      expect(['completed', 'cancelled']).toContain(body['state']);
      const result: unknown = await stack.temporal.client.workflow.getHandle(workflowIdOf(owner)).result();
      expect(result).toMatchObject({ state: body['state'] });
      expect(await accountFacts(stack, owner.accountId)).toMatchObject({
        openHolds: 0,
        held: '0.000000',
        consumed: body['charge'],
      });
      seen.add(body['state']);
    }
    expect(seen).toEqual(new Set(['completed', 'cancelled']));
    await expectLedgerHolds(stack);
  }, 120_000);
});
