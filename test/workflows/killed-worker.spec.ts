// Workers that die or hang in the middle of a step, as processes: another one finishes every job, and each step is
// charged once. What a hanging worker brings late is written as a cost of ours and moves no money.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bookOf, createModelPort, parseRequestRef, ScriptedModel, stepScript } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import { FailingRows } from '../harness/failing-rows.js';
import { accountFacts, attemptsOf, type AttemptFact } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { WorkerProcess } from '../harness/worker-process.js';

const answer = (text: string) => ({
  text,
  usage: { input: 1_000, cachedInput: 0, cacheWrite: 0, output: 200, reasoning: 0 },
});
const TEXTS = ['plan', '=== a.js', 'APPROVED'];

/** In a doomed worker one step of a job, named in its prompt, waits long enough for the worker to be lost in it. */
function doomedBook(delayMs: number): unknown {
  return {
    version: 1,
    scripts: [1, 2, 3].map((slow) => ({
      name: `slow at ${slow}`,
      when: { promptIncludes: `slow at ${slow};` },
      steps: Object.fromEntries(
        TEXTS.map((text, index) => [index + 1, [{ ...answer(text), ...(index + 1 === slow ? { delayMs } : {}) }]]),
      ),
    })),
  };
}

const isLost = ({ chargeClass }: AttemptFact): boolean => chargeClass === 'platform_fault';

describe('a worker that is lost in the middle of a step', () => {
  // Whoever takes over answers every later attempt at once.
  const attempts = (text: string) => Array.from({ length: 5 }, () => reply(text));
  const model = new ScriptedModel(
    bookOf(stepScript(Object.fromEntries(TEXTS.map((text, index) => [index + 1, attempts(text)])))),
  );
  let stack: TestStack;
  /** Of the worker that is killed with an answer: two half minutes of silence pass at once. */
  let aside: TestStack;
  let usedLater: Promise<Used>;
  beforeAll(async () => {
    [stack, aside] = await Promise.all([TestStack.open(), TestStack.open()]);
    await stack.startApi();
    await aside.startApi();
    usedLater = killedWithAnswer();
    // Whoever asks for it hears of it.
    usedLater.catch(() => undefined);
  }, 60_000);
  afterAll(async () => {
    await usedLater.catch(() => undefined);
    await aside.stop();
    await stack.stop();
    // As long as what it waits for may last.
  }, 150_000);

  interface Used {
    readonly jobId: string;
    readonly accountId: string;
    readonly body: Answer['body'];
  }

  async function killedWithAnswer(): Promise<Used> {
    const rows = await FailingRows.lay(aside);
    const owner = await openBot(aside, { credits: '100' });
    const { accountId } = owner;
    // The answer has come and its step cannot end: that is when this worker is lost.
    await rows.fail(accountId, { row: 'ended step', code: '57P03', times: 1_000_000 });
    const dying = await WorkerProcess.start(aside, doomedBook(0));
    const bot = new BotClient(aside, owner);
    const jobId = String((await bot.submit({ body: { prompt: 'slow at 1; Write a word counter' } })).body['id']);
    await until(
      async () => rows.struck(accountId),
      (struck) => struck > 1,
    );
    await dying.kill();
    await rows.heal(accountId);
    await aside.startWorker(createModelPort({ scripted: model }));
    return { jobId, accountId, body: (await bot.ended(jobId, 75_000)).body };
  }

  async function submitThree(): Promise<{ jobId: string; bot: BotClient; accountId: string }[]> {
    return Promise.all(
      [1, 2, 3].map(async (slow) => {
        const owner = await openBot(stack, { credits: '100' });
        const bot = new BotClient(stack, owner);
        const submitted = await bot.submit({ body: { prompt: `slow at ${slow}; Write a word counter` } });
        expect(submitted.status).toBe(202);
        const jobId = String(submitted.body['id']);
        await until(
          async () => attemptsOf(stack, jobId),
          (found) => found.some(({ step, state }) => step === slow && state === 'open'),
        );
        return { jobId, bot, accountId: owner.accountId };
      }),
    );
  }

  it('[F5, edge 28] every step is charged once, whether the worker died or came back late', async () => {
    const dying = await WorkerProcess.start(stack, doomedBook(600_000));
    const died = await submitThree();
    await dying.kill();
    // No slot but for the steps it hangs in: a frozen machine that still has a poll open would be given more to lose.
    // Its answers come long before it wakes, and not before it hangs.
    const hanging = await WorkerProcess.start(stack, doomedBook(12_000), { STEP_SLOTS: '3' });
    const hung = await submitThree();
    hanging.freeze();

    const rescuer = await stack.startWorker(createModelPort({ scripted: model }));
    for (const { jobId, bot, accountId } of [...died, ...hung]) {
      const ended = await bot.ended(jobId, 75_000);
      expect(ended.body).toMatchObject({ state: 'completed', charge: '1.800000', held: '0.000000' });
      const all = await attemptsOf(stack, jobId);
      expect(all.filter((one) => one.chargeClass === 'billable').map(({ step }) => step)).toEqual([1, 2, 3]);
      expect(all.filter(isLost)).toEqual([expect.objectContaining({ state: 'closed', fault: 'superseded', input: 0 })]);
      expect(await accountFacts(stack, accountId)).toMatchObject({
        openHolds: 0,
        held: '0.000000',
        consumed: '1.800000',
      });
    }

    const before = await Promise.all(hung.map(async ({ accountId }) => accountFacts(stack, accountId)));
    hanging.wake();
    for (const { jobId } of hung) {
      // The provider's answer was on its way all the time: it cost us what it used, and costs nobody else anything.
      const late = await until(
        async () => (await attemptsOf(stack, jobId)).filter(isLost),
        (found) => found.every(({ input }) => input > 0),
      );
      expect(late).toEqual([expect.objectContaining({ state: 'closed', input: 1_000, output: 200 })]);
    }
    expect(await Promise.all(hung.map(async ({ accountId }) => accountFacts(stack, accountId)))).toEqual(before);
    await hanging.stop();
    await rescuer.stop();
    await expectLedgerHolds(stack);
  }, 120_000);

  it('[F5, edge 28] an answer that had come when the worker was killed is used: asked once, charged once', async () => {
    const { jobId, accountId, body } = await usedLater;
    expect(body).toMatchObject({ state: 'completed', charge: '1.800000' });
    const asked = model.calls.filter(({ request }) => request.requestRef.includes(jobId));
    expect(asked.map(({ request }) => parseRequestRef(request.requestRef)?.ordinal)).toEqual([2, 3]);
    expect(
      (await attemptsOf(aside, jobId)).map(({ step, attempt, chargeClass }) => [step, attempt, chargeClass]),
    ).toEqual([1, 2, 3].map((step) => [step, 1, 'billable']));
    expect(await accountFacts(aside, accountId)).toMatchObject({ openHolds: 0, consumed: '1.800000' });
    await expectLedgerHolds(aside);
  }, 120_000);
});
