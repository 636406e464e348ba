// What a job may use: holds roll from step to step, a budget is a ceiling and no hold, and the end gives back the rest.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ModelPort, ScriptedReply } from '@fairmeter/providers';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { accountFacts, attemptLines, entriesOf, heldOf } from '../harness/ledger-facts.js';
import type { BotWish, TestBot } from '../harness/people.js';
import { amount, openBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const again = (text: string, times: number): ScriptedReply[] => Array.from({ length: times }, () => reply(text));
const book = {
  entries: [
    ...bookOf(
      stageScript({ plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] }),
      'slow',
    ).entries.map((entry) => ({ ...entry, when: { promptIncludes: 'slowly' } })),
    ...bookOf(
      stageScript({
        plan: [reply('plan')],
        generate: [reply('=== a.js')],
        review: [...again('CHANGES: once more', 5), reply('APPROVED')],
        repair: [1, 2, 3, 4, 5].map((round) => reply(`=== a.js\n// ${round}`)),
      }),
      'content in the end',
    ).entries.map((entry) => ({ ...entry, when: { promptIncludes: 'patiently' } })),
    ...bookOf(
      stageScript({
        plan: [reply('plan')],
        generate: [reply('=== a.js')],
        review: again('CHANGES: once more', 20),
        repair: again('=== a.js', 20),
      }),
      'never content',
    ).entries,
  ],
};

describe('the limits of a job', () => {
  const scripted = createModelPort({ scripted: new ScriptedModel(book) });
  /** Whoever is to write slowly has no plan before. */
  let mayAnswer: Promise<void> = Promise.resolve();
  const models: ModelPort = {
    generate: async (request, options) => {
      if (request.messages.some(({ text }) => text.includes('slowly'))) await mayAnswer;
      return scripted.generate(request, options);
    },
  };
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({
      models,
      worker: { WAIT_FOR_CREDITS_MS: '1000' },
    });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function run(wish: BotWish, body: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
    const owner = await openBot(stack, wish);
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt: 'Write a word counter', ...body } });
    expect(submitted.status).toBe(202);
    const { body: ended } = await bot.ended(String(submitted.body['id']));
    expect(await heldOf(stack, String(ended['id']))).toMatchObject({ held: '0.000000' });
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({
      openHolds: 0,
      held: '0.000000',
      consumed: ended['charge'],
    });
    return ended;
  }

  /** From now on nobody who is to write slowly has a plan before what comes back is called. */
  function holdBack(): () => void {
    let letGo = (): void => undefined;
    mayAnswer = new Promise((resolve) => {
      letGo = resolve;
    });
    return letGo;
  }

  async function isTooLate(jobId: string): Promise<boolean> {
    const rows = await stack.entities.manager.query<object[]>(
      'SELECT FROM ledger.jobs WHERE id = $1 AND deadline < clock_timestamp()',
      [jobId],
    );
    return rows.length > 0;
  }

  describe('whose deadline passes while its provider takes its time', () => {
    let ended: Answer['body'];
    // Two seconds of the bot's, and the one that a pause may last here.
    beforeAll(async () => {
      const owner = await openBot(stack, { credits: '25' });
      const change = 'UPDATE records.bots SET max_deadline_ms = 2000 WHERE id = $1';
      await stack.entities.manager.query(change, [owner.botId]);
      const bot = new BotClient(stack, owner);
      const letGo = holdBack();
      const { body } = await bot.submit({ body: { prompt: 'Write it slowly' } });
      await until(async () => isTooLate(String(body['id'])), Boolean);
      letGo();
      ended = (await bot.ended(String(body['id']))).body;
    }, 60_000);

    it('[F7] begins no step after the deadline of its plan, and keeps what it has', () => {
      expect(ended).toMatchObject({
        state: 'completed_partial',
        end_reason: 'deadline_reached',
        steps_ended: 1,
        charge: '0.600000',
        held: '0.000000',
      });
    });
  });

  describe('and of another, whose providers take their time', () => {
    let owner: TestBot;
    let submitted: Answer[];
    let during: Awaited<ReturnType<typeof accountFacts>>;
    let ended: Answer['body'][];
    beforeAll(async () => {
      owner = await openBot(stack, { credits: '25' });
      const bot = new BotClient(stack, owner);
      const letGo = holdBack();
      const body = { prompt: 'Write it slowly', max_credits: '20' };
      submitted = await Promise.all(['one', 'two'].map(async (key) => bot.submit({ key, body })));
      const ids = submitted.map((answer) => String(answer.body['id']));
      // Both wait for their provider at once, each with one step's worst case set aside.
      await until(
        async () => Promise.all(ids.map(async (id) => attemptLines(stack, id))),
        (lines) => lines.every((of) => of.join() === '1.1 open'),
      );
      during = await accountFacts(stack, owner.accountId);
      letGo();
      ended = await Promise.all(ids.map(async (id) => (await bot.ended(id)).body));
    }, 60_000);

    it('[F4] two jobs of budget 20 run side by side on 25 credits', async () => {
      expect(submitted.map(({ status }) => status)).toEqual([202, 202]);
      expect(during.openHolds).toBe(2);
      expect(amount(during.held) < amount('10')).toBe(true);
      const whole = { state: 'completed', charge: '1.800000', max_credits: '20.000000' };
      expect(ended).toMatchObject([whole, whole]);
      expect(await accountFacts(stack, owner.accountId)).toMatchObject({ held: '0.000000', open: '21.400000' });
    });
  });

  it('[F6] the end captures and releases in one operation, and holds nothing', async () => {
    // Cheaper than the smallest charge, so that the end itself has something to capture.
    const model = new ScriptedModel(bookOf(stageScript({ answer: [reply('hello', { input: 600, output: 0 })] })));
    const chat = await TestStack.start({ models: createModelPort({ scripted: model }) });
    try {
      const bot = new BotClient(chat, await openBot(chat, { type: 'chat', credits: '5' }));
      const submitted = await bot.submit();
      const jobId = String(submitted.body['id']);
      expect((await bot.ended(jobId)).body).toMatchObject({ charge: '0.100000', held: '0.000000' });
      const last = (await entriesOf(chat, jobId)).filter(({ operation }) => operation === `${jobId}:settle`);
      expect(last.map(({ verb, from, to }) => [verb, from, to])).toEqual([
        ['job.settle', 'held', 'consumed'],
        ['job.settle', 'held', 'open'],
      ]);
      expect(last[0]?.amount).toBe('0.070000');
      await expectLedgerHolds(chat);
    } finally {
      await chat.stop();
    }
  }, 60_000);

  it('[F6] the last allowed iteration ends a job as partly done, its steps charged', async () => {
    const ended = await run({ credits: '100', maxIterations: 2 });
    // Plan, generate, review; repair, review.
    expect(ended).toMatchObject({
      state: 'completed_partial',
      end_reason: 'iterations_reached',
      iteration: 2,
      charge: '3.000000',
    });
  });

  describe('whose last iterations change nothing', () => {
    let ended: Awaited<ReturnType<typeof run>>;
    // Eleven steps, one after the other.
    beforeAll(async () => {
      ended = await run({ credits: '100', maxIterations: 5 });
    }, 60_000);

    it('[F9] the fourth idle one is a loop, also where it is the last that is allowed', () => {
      expect(ended).toMatchObject({ state: 'stopped_loop', end_reason: 'loop_detected', iteration: 5 });
    });
  });

  describe('whose reviewer is patient', () => {
    let ended: Awaited<ReturnType<typeof run>>;
    // Thirteen steps, one after the other.
    beforeAll(async () => {
      ended = await run({ credits: '100', maxIterations: 20 }, { prompt: 'Write it patiently' });
    }, 60_000);

    it('[F13] six rounds that each change the draft are no loop', () => {
      expect(ended).toMatchObject({ state: 'completed', end_reason: 'finished', iteration: 6, charge: '7.800000' });
    });
  });

  it('[F6] a budget that is used up ends a job as partly done, never above it', async () => {
    const ended = await run({ credits: '100', maxIterations: 20 }, { max_credits: '3' });
    expect(ended).toMatchObject({ state: 'completed_partial', end_reason: 'budget_reached' });
    expect(amount(String(ended['charge'])) <= amount('3')).toBe(true);
    expect(amount(String(ended['charge'])) >= amount('1.2')).toBe(true);
  });

  describe('whose credits run dry', () => {
    let ended: Awaited<ReturnType<typeof run>>;
    // It waits a second for more.
    beforeAll(async () => {
      ended = await run({ credits: '3', maxIterations: 20 });
    }, 60_000);

    it('[F6, edge 22] credits that run dry for good end a job as partly done, its finished steps charged', async () => {
      expect(ended).toMatchObject({ state: 'completed_partial', end_reason: 'credits_exhausted' });
      expect(amount(String(ended['charge'])) <= amount('3')).toBe(true);
      expect(amount(String(ended['charge'])) >= amount('1.2')).toBe(true);
      await expectLedgerHolds(stack);
    });
  });
});

describe('a deadline that its first step notices before the job does', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    const noticed = { runStep: async () => ({ outcome: 'not_held', reason: 'deadline_reached' }) as const };
    await stack.startWorkerLike({ around: () => ({ stepActivities: noticed }) });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F7] ends the job as any deadline does', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '25' }));
    const submitted = await bot.submit();
    const { body } = await bot.ended(String(submitted.body['id']));
    expect(body).toMatchObject({ state: 'completed_partial', end_reason: 'deadline_reached', charge: '0.000000' });
  });
});
