// A job that runs out of credits between two steps: it says what it lacks, keeps what it owes at least, and goes on by
// itself when something brings it enough, or ends with what it has.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cancelUpdate } from '@fairmeter/contracts';
import { accountScope, instant } from '@fairmeter/domain';
import type { ModelPort } from '@fairmeter/providers';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts, heldOf } from '../harness/ledger-facts.js';
import { creditsOf } from '../harness/orders.js';
import { amount, giveCredits, openBot, type TestBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { pause, until } from '../harness/until.js';

const DAY_MS = 86_400_000;
const LARGE = 'x'.repeat(40_000);

const book = {
  entries: [
    ...bookOf(
      stageScript({
        plan: [reply(LARGE)],
        generate: [reply('=== a.js')],
        review: [reply('APPROVED')],
      }),
      'large',
    ).entries.map((entry) => ({ ...entry, when: { promptIncludes: 'much' } })),
    ...bookOf(
      stageScript({ plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] }),
      'small',
    ).entries,
  ],
};

describe('a job that runs out of credits', () => {
  const scripted = createModelPort({ scripted: new ScriptedModel(book) });
  let letGo = (): void => undefined;
  const isSeen = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  // A draft of much takes until somebody has looked at who waits for it meanwhile.
  const models: ModelPort = {
    generate: async (request, options) => {
      const isOfMuch = request.messages.some(({ text }) => text.includes('much'));
      if (isOfMuch && request.requestRef.includes('/generate/')) await isSeen;
      return scripted.generate(request, options);
    },
  };
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  interface Waiting {
    readonly owner: TestBot;
    readonly bot: BotClient;
    readonly jobId: string;
  }

  /** 0.9 credits: the plan takes 0.6, and what is left does not reach for the shortest useful draft. */
  async function waitingJob(): Promise<Waiting> {
    const owner = await openBot(stack, { credits: '0.9' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit();
    expect(submitted.status).toBe(202);
    const jobId = String(submitted.body['id']);
    await waits(bot, jobId);
    return { owner, bot, jobId };
  }

  async function waits(bot: BotClient, jobId: string): Promise<Readonly<Record<string, unknown>>> {
    const { body } = await until(
      async () => bot.get(`/v1/jobs/${jobId}`),
      (answer) => answer.body['state'] === 'waiting_credits',
    );
    return body;
  }

  it('[edge 22] says what it lacks, holds no more than it owes, and shows what it has so far', async () => {
    const { owner, bot, jobId } = await waitingJob();
    const { body } = await bot.get(`/v1/jobs/${jobId}`);
    expect(body).toMatchObject({
      state: 'waiting_credits',
      so_far: '0.600000',
      held: '0.000000',
      waiting: { reason: 'credits_exhausted', available: '0.300000', resets_at: null },
    });
    const { required, shortfall, since, waits_until: waitsUntil } = body['waiting'] as Record<string, string>;
    expect(amount(required ?? '') - amount('0.3')).toBe(amount(shortfall ?? ''));
    expect(Date.parse(waitsUntil ?? '') - Date.parse(since ?? '')).toBe(DAY_MS);
    expect(await heldOf(stack, jobId)).toEqual({ state: 'held', held: '0.000000' });
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ open: '0.300000', consumed: '0.600000' });
    const cost = await bot.get(`/v1/jobs/${jobId}/cost`);
    expect(cost.status).toBe(200);
    await stack.temporal.client.workflow.getHandle(workflowIdOf(owner)).cancel();
    await bot.ended(jobId);
  });

  it('[D13, edge 22] goes on within a second of a grant, and ends as if nothing had been', async () => {
    const { owner, bot, jobId } = await waitingJob();
    const granted = Date.now();
    await giveCredits(stack, owner.accountId, '10');
    await until(
      async () => bot.get(`/v1/jobs/${jobId}`),
      (answer) => answer.body['state'] !== 'waiting_credits',
    );
    expect(Date.now() - granted).toBeLessThan(1_000);
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000', held: '0.000000' });
    await expectLedgerHolds(stack);
  });

  it('[D13] sleeps until the reset that its refusal named, and goes on with the new day', async () => {
    const owner = await openBot(stack);
    const scope = { scopeId: accountScope(owner.accountId), accountId: owner.accountId };
    const daily = { zone: 'UTC', dailyAllowance: amount('0.9') };
    await stack.terms.setTerms({ owner: scope, changeKey: 'daily', asOf: instant(0), order: daily });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    // Each day brings enough for one of the three steps.
    let midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
    for (const day of [1, 2]) {
      const { waiting, steps_ended: ended } = await until(
        async () => (await bot.get(`/v1/jobs/${jobId}`)).body,
        ({ state, steps_ended: steps }) => state === 'waiting_credits' && steps === day,
      );
      expect([ended, (waiting as Record<string, string>)['resets_at']]).toEqual([
        day,
        new Date(midnight).toISOString(),
      ]);
      await skipWorkflow(stack, workflowIdOf(owner), { to: midnight + 60_000 });
      midnight += DAY_MS;
    }
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    await expectLedgerHolds(stack);
  }, 30_000);

  it('[edge 22] ends as partly done when its day of waiting is over', async () => {
    const { owner, bot, jobId } = await waitingJob();
    await skipWorkflow(stack, workflowIdOf(owner), { by: DAY_MS - 600_000 });
    expect((await bot.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'waiting_credits' });
    await skipWorkflow(stack, workflowIdOf(owner), { by: 1_200_000 });
    expect((await bot.ended(jobId)).body).toMatchObject({
      state: 'completed_partial',
      end_reason: 'credits_exhausted',
      charge: '0.600000',
      held: '0.000000',
    });
  }, 30_000);

  it('[F5, edge 30] keeps the ending it got where that answer was lost and a cancel came before a try', async () => {
    const { owner, bot, jobId } = await waitingJob();
    const lost = { state: 'completed_partial', reason: 'credits_exhausted', minimumCharge: creditsOf('0.1') } as const;
    const { accountId } = owner;
    expect(await stack.jobs.settle({ accountId, jobId }, instant(Date.now()), lost)).toMatchObject({ ok: true });
    const run = stack.temporal.client.workflow.getHandle(workflowIdOf(owner));
    const stands = { state: 'completed_partial', reason: 'credits_exhausted' };
    expect(await run.executeUpdate(cancelUpdate)).toEqual(stands);
    expect(await run.result()).toMatchObject({ outcome: 'ended', ...stands });
    expect((await bot.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ charge: '0.600000', held: '0.000000' });
    await expectLedgerHolds(stack);
  }, 30_000);

  it('[edge 23] ends at once when it is cancelled, only its finished steps charged', async () => {
    const { owner, bot, jobId } = await waitingJob();
    const asked = Date.now();
    const cancelled = await bot.steer(jobId, 'cancel');
    expect(Date.now() - asked).toBeLessThan(1_000);
    expect([cancelled.status, cancelled.body]).toMatchObject([
      200,
      { state: 'cancelled', end_reason: 'cancelled', charge: '0.600000', held: '0.000000' },
    ]);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ openHolds: 0, open: '0.300000' });
  });

  it('[F4] of two jobs of budget 20 on 25 credits one waits for what the other gives back', async () => {
    const owner = await openBot(stack, { credits: '25' });
    const bot = new BotClient(stack, owner);
    const body = { prompt: 'Write much', max_credits: '20' };
    const submitted = await Promise.all(['one', 'two'].map(async (key) => bot.submit({ key, body })));
    expect(submitted.map(({ status }) => status)).toEqual([202, 202]);
    const ids = submitted.map((answer) => String(answer.body['id']));
    const states = async (): Promise<string[]> =>
      Promise.all(ids.map(async (id) => String((await bot.get(`/v1/jobs/${id}`)).body['state'])));
    // The input of a draft alone may cost 12 credits here: there is room for one of them, and the other waits.
    await until(states, (found) => found.includes('waiting_credits') && found.includes('running'));
    letGo();
    for (const id of ids) {
      expect((await bot.ended(id)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    }
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ held: '0.000000', open: '21.400000' });
    await expectLedgerHolds(stack);
  }, 30_000);

  it('tries again when asked to, and waits on where there is still too little', async () => {
    const { owner, bot, jobId } = await waitingJob();
    const before = (await waits(bot, jobId))['waiting'] as Record<string, string>;
    expect((await bot.steer(jobId, 'resume')).status).toBe(202);
    await pause(300);
    const after = (await waits(bot, jobId))['waiting'] as Record<string, string>;
    // Still the same pause, with the same end.
    expect([after['since'], after['waits_until']]).toEqual([before['since'], before['waits_until']]);
    await giveCredits(stack, owner.accountId, '10');
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed' });
  });
});
