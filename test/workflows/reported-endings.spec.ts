// How a reported job ends before its bot is done: cancelled, out of credits, forgotten, or in a loop.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { accountFacts, attemptsOf } from '../harness/ledger-facts.js';
import { giveCredits } from '../harness/people.js';
import { MODEL_CALL, ReportingBot, toolCall, USED } from '../harness/reporting-bot.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';

const IDLE_MS = 30 * 60_000;
const LOOPED = { state: 'stopped_loop', end_reason: 'loop_detected' };

const checkOf = (tool: string) => ({ kind: 'check', tool, expected: undefined });

describe('a reported job that ends early', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F21] charges nothing for a step that ends after the cancel, and keeps what it cost', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    await bot.step(jobId);
    await bot.begin(jobId);
    const cancelled = await bot.client.steer(jobId, 'cancel');
    expect(cancelled.body).toMatchObject({ state: 'cancelled', charge: '0.600000', held: '0.000000' });
    const late = await bot.end(jobId, 2, USED);
    expect([late.status, late.body]).toEqual([409, expect.objectContaining({ code: 'job_ended', state: 'cancelled' })]);
    expect((await attemptsOf(stack, jobId)).map(({ state, input }) => [state, input])).toEqual([
      ['ended', 1_000],
      ['closed', 1_000],
    ]);
    const { openHolds, consumed } = await accountFacts(stack, bot.owner.accountId);
    expect([openHolds, consumed]).toEqual([0, '0.600000']);
    expect((await bot.begin(jobId)).body).toMatchObject({ code: 'job_ended', state: 'cancelled' });
    const { workflow } = stack.temporal.client;
    // Nobody is left to be heard: the workflow does not stay for it.
    await workflow.getHandle(workflowIdOf(bot.owner)).result();
    await expectLedgerHolds(stack);
  });

  it('[F7] pauses where credits lack, goes on after a grant, and a repeated call is decided anew', async () => {
    const bot = await ReportingBot.open(stack, { credits: '1.5' });
    const jobId = await bot.openJob();
    await bot.step(jobId);
    const lacking = await bot.begin(jobId, {}, 'poor');
    expect([lacking.status, lacking.body]).toEqual([
      402,
      expect.objectContaining({
        code: 'credits_exhausted',
        limit_source: 'account_credits',
        available: '0.900000',
        resets_at: null,
        job_state: 'waiting_credits',
      }),
    ]);
    expect(Date.parse(String(lacking.body['waits_until']))).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'waiting_credits' });
    await giveCredits(stack, bot.owner.accountId, '10');
    const begun = await bot.begin(jobId, {}, 'poor');
    expect([begun.status, begun.body['step']]).toEqual([201, 2]);
    await bot.end(jobId, 2, USED);
    expect((await bot.finish(jobId)).body).toMatchObject({ state: 'completed', charge: '1.200000' });
  });

  it('[F7] says when its budget is used up, and ends for that', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob({ max_credits: '1.5' });
    await bot.step(jobId);
    const over = await bot.begin(jobId);
    expect([over.status, over.body]).toEqual([
      402,
      expect.objectContaining({ code: 'credits_exhausted', limit_source: 'job_budget', available: '0.900000' }),
    ]);
    expect((await bot.finish(jobId, 'completed_partial')).body).toMatchObject({ end_reason: 'budget_reached' });
  });

  it('[F9, F11] stops a loop of the user with the step that closes it, and gives nothing back', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const call = toolCall('write', { path: 'src/a.js', text: 'x' });
    const failed = { status: 'error', error: { class: 'syntax_error', text: 'line 3: unexpected token' } };
    const check = { kind: 'check', args: null, expected: undefined };
    for (const text of ['line 3', 'line 14']) {
      expect((await bot.step(jobId, call, { result: `wrote ${text}` })).body).toMatchObject({ loop: null });
      const red = { ...failed, green: false, error: { ...failed.error, text: `${text}: unexpected token` } };
      expect((await bot.step(jobId, check, red)).body).toMatchObject({ loop: null });
    }
    const closing = await bot.step(jobId, check, { ...failed, green: false });
    expect(closing.body).toMatchObject({
      loop: { signal: 'equal_errors', cause: 'user_fault', action: 'stopped', steps: [2, 4, 5], refunded: '0.000000' },
      job: LOOPED,
    });
    const next = await bot.begin(jobId);
    expect([next.status, next.body]).toEqual([
      409,
      expect.objectContaining({ code: 'job_ended', state: 'stopped_loop' }),
    ]);
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ ...LOOPED, refunded: '0.000000' });
  });

  it('[F9, F13] takes checks of three names for three checks: each of them green is no loop', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    for (const name of ['lint', 'types', 'tests']) {
      expect((await bot.step(jobId, checkOf(name), { green: true, result: 'ok' })).body).toMatchObject({ loop: null });
    }
  });

  describe('of what a bot tells', () => {
    let ofTests: unknown[];
    let ofRuns: unknown[];
    let ofReads: unknown[];
    const red = (text: string) => ({ status: 'error', error: { class: 'problems', text }, green: false });

    async function besideAnotherCheck(): Promise<unknown[]> {
      const bot = await ReportingBot.open(stack);
      const jobId = await bot.openJob();
      const loops = [];
      for (const word of ['a semicolon', 'a brace', 'a name']) {
        await bot.step(jobId, checkOf('lint'), { ...red(`${word} is missing`), counts: { errors: 1 } });
        await bot.step(jobId, checkOf('lint'), { green: true, counts: { errors: 0 } });
        const failing = { ...red('the cart is empty'), counts: { errors: 9 } };
        loops.push((await bot.step(jobId, checkOf('tests'), failing)).body['loop']);
      }
      return loops;
    }

    async function spacedDifferently(tool: string): Promise<unknown[]> {
      const bot = await ReportingBot.open(stack);
      const jobId = await bot.openJob();
      const loops = [];
      for (const result of ['{"a": 1, "b": 2}', '{"b":2,"a":1}', '{\n "a": 1,\n "b": 2\n}']) {
        loops.push((await bot.step(jobId, toolCall(tool, {}), { result })).body['loop']);
      }
      return loops;
    }

    beforeAll(async () => {
      ofTests = await besideAnotherCheck();
      [ofRuns, ofReads] = [await spacedDifferently('run'), await spacedDifferently('read')];
    }, 60_000);

    it('[F9] counts the errors of one check, however often another one turns green', () => {
      expect(ofTests).toEqual([null, null, expect.objectContaining({ signal: 'equal_errors', steps: [3, 6, 9] })]);
    });

    it('[F9] takes results for equal that white space alone tells apart, but for the contents of files', () => {
      expect(ofRuns).toEqual([null, null, expect.objectContaining({ signal: 'equal_calls' })]);
      expect(ofReads).toEqual([null, null, null]);
    });
  });

  it('[F9] takes calls of which nothing was told for the same as no other', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const silent = (tool: string) => ({ kind: 'tool_call', tool, expected: undefined });
    for (const tool of ['write', 'run', 'write', 'run', 'write', 'run']) {
      expect((await bot.step(jobId, silent(tool), {})).body).toMatchObject({ loop: null });
    }
  });

  it("[F11, F14] takes a caller's word for a fault of ours as no evidence: unclear, nothing given back", async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const claimed = { status: 'error', error: { class: 'timeout', text: 'gone' }, reported_fault: true, green: false };
    const check = { kind: 'check', args: null, expected: undefined };
    await bot.step(jobId, check, claimed);
    await bot.step(jobId, check, claimed);
    const closing = await bot.step(jobId, check, claimed);
    expect(closing.body).toMatchObject({
      loop: { signal: 'equal_errors', cause: 'unclear', action: 'stopped', refunded: '0.000000' },
      job: LOOPED,
    });
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ refunded: '0.000000' });
    await expectLedgerHolds(stack);
  });

  it('[F9] asks before the step of a new iteration whether those before it changed anything', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const answers = [];
    for (let iteration = 1; iteration <= 5; iteration++) {
      const begun = await bot.begin(jobId, { iteration });
      answers.push(begun.status);
      if (begun.status === 201) await bot.end(jobId, begun.body['step'], { ...USED, artefact_hash: 'same' });
    }
    expect(answers).toEqual([201, 201, 201, 201, 409]);
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ ...LOOPED, charge: '2.400000' });
  });

  it('[F7] ends by itself when nobody is heard for half an hour, and lets the open step go uncharged', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    await bot.step(jobId);
    await bot.begin(jobId);
    const workflowId = workflowIdOf(bot.owner);
    await skipWorkflow(stack, workflowId, { by: IDLE_MS - 60_000 });
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'running' });
    await skipWorkflow(stack, workflowId, { by: 120_000 });
    const ended = await until(
      async () => (await bot.client.get(`/v1/jobs/${jobId}`)).body,
      ({ state }) => state !== 'running',
    );
    expect(ended).toMatchObject({
      state: 'completed_partial',
      end_reason: 'idle',
      charge: '0.600000',
      held: '0.000000',
    });
    expect((await attemptsOf(stack, jobId)).map(({ chargeClass }) => chargeClass)).toEqual(['billable', 'user_fault']);
    await expectLedgerHolds(stack);
  });

  it('[F7] lets go of a step that is open for a quarter of an hour, uncharged; its end comes late', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    await bot.begin(jobId);
    const workflowId = workflowIdOf(bot.owner);
    await skipWorkflow(stack, workflowId, { by: 10 * 60_000 });
    const beside = await bot.begin(jobId, { stream: 'tests' });
    expect(beside.status).toBe(201);
    const held = async (): Promise<unknown> => (await bot.client.get(`/v1/jobs/${jobId}`)).body['held'];
    await skipWorkflow(stack, workflowId, { by: 6 * 60_000 });
    await until(held, (left) => left === beside.body['held']);
    expect((await attemptsOf(stack, jobId)).map(({ state, fault }) => [state, fault])).toEqual([
      ['closed', 'abandoned'],
      ['open', null],
    ]);
    const { entries } = await accountFacts(stack, bot.owner.accountId);
    const late = await bot.end(jobId, 1, USED);
    expect([late.status, late.body['code']]).toEqual([409, 'attempt_closed']);
    expect((await bot.begin(jobId, { step: 1 })).body).toMatchObject({ code: 'step_not_open', step: 1 });
    expect(await accountFacts(stack, bot.owner.accountId)).toMatchObject({ entries });
    // Its stream is free again, and what is told in time is charged as ever.
    expect((await bot.step(jobId)).body).toMatchObject({ step: 3, charge: '0.600000' });
    expect((await bot.end(jobId, 2, USED)).body).toMatchObject({ charge: '0.600000' });
    expect((await bot.finish(jobId)).body).toMatchObject({ state: 'completed', charge: '1.200000', held: '0.000000' });
    await expectLedgerHolds(stack);
  }, 30_000);

  it('[F9] takes iterations of which no files were told for unknown, not for idle', async () => {
    const bot = await ReportingBot.open(stack, { maxIterations: 8 });
    const jobId = await bot.openJob({ max_iterations: 8 });
    for (let iteration = 1; iteration <= 8; iteration++) {
      expect((await bot.step(jobId, { iteration })).body).toMatchObject({ charge: '0.600000', loop: null });
    }
    expect((await bot.finish(jobId)).body).toMatchObject({ state: 'completed', charge: '4.800000', loop: null });
  });

  it('does not take a pause for credits for silence, and ends when the pause is over', async () => {
    const bot = await ReportingBot.open(stack, { credits: '1.5' });
    const jobId = await bot.openJob();
    await bot.step(jobId);
    expect((await bot.begin(jobId, MODEL_CALL)).status).toBe(402);
    const workflowId = workflowIdOf(bot.owner);
    await skipWorkflow(stack, workflowId, { by: 23 * 3_600_000 });
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'waiting_credits' });
    await skipWorkflow(stack, workflowId, { by: 2 * 3_600_000 });
    const ended = await until(
      async () => (await bot.client.get(`/v1/jobs/${jobId}`)).body,
      ({ state }) => state !== 'waiting_credits',
    );
    expect(ended).toMatchObject({ state: 'completed_partial', end_reason: 'credits_exhausted', charge: '0.600000' });
  });
});
