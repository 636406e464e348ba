// One account's flood and another's single job: the flood waits in its own line, and whoever comes later with little
// does not wait behind it. What a line of its own is worth shows by one who has none.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { accountScope } from '@fairmeter/domain';
import { AdmissionClient } from '../../apps/api/src/jobs/admission-client.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import { attemptsOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { WorkerProcess } from '../harness/worker-process.js';

const FLOOD = 500;
const SLOTS = 20;
const STEP_MS = 200;
const SUBMITTED_AT_ONCE = 25;
/** About as long as the flood takes to come. */
const HOLD_MS = 15_000;
/** One by one: what one alone met by chance would say little. */
const JOBS_BESIDE = 5;
const BOUND_MS = 2_000;

/** At once while it is quiet. Of the flood the first take every slot until all the others stand in line. */
const SCRIPT = {
  version: 1,
  scripts: [
    { name: 'holding', when: { promptIncludes: '[holds the slots]' }, stages: stagesAfter(HOLD_MS) },
    { name: 'flood', when: { promptIncludes: '[flood]' }, stages: stagesAfter(STEP_MS) },
    { name: 'quiet', when: {}, stages: stagesAfter(0) },
  ],
};

function stagesAfter(firstMs: number): object {
  const next = Math.min(firstMs, STEP_MS);
  return {
    plan: [{ ...reply('plan'), delayMs: firstMs }],
    generate: [{ ...reply('=== a.js'), delayMs: next }],
    review: [{ ...reply('APPROVED'), delayMs: next }],
  };
}

describe('one job beside a flood', () => {
  let stack: TestStack;
  let worker: WorkerProcess;
  let floodKey = '';
  let outsideKey = '';
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
    // A process of its own, as in production: the API answers while it works.
    worker = await WorkerProcess.start(stack, SCRIPT, { STEP_SLOTS: String(SLOTS) });
    const { admit } = AdmissionClient.prototype;
    jest.spyOn(AdmissionClient.prototype, 'admit').mockImplementation(function (this: AdmissionClient, call) {
      return admit.call(this, call.fairnessKey === outsideKey ? { ...call, fairnessKey: floodKey } : call);
    });
  }, 60_000);
  afterAll(async () => {
    jest.restoreAllMocks();
    await worker.kill();
    await stack.stop();
  }, 60_000);

  async function open(): Promise<{ readonly bot: BotClient; readonly fairnessKey: string }> {
    const owner = await openBot(stack, { credits: '1000000', plan: 'plan_custom' });
    return { bot: new BotClient(stack, owner), fairnessKey: accountScope(owner.accountId) };
  }

  async function firstStepOf(jobId: string): Promise<number> {
    const begun = await until(
      async () => attemptsOf(stack, jobId),
      (attempts) => attempts.length > 0,
      30_000,
    );
    return begun[0]?.startedAt ?? Infinity;
  }

  async function stepsEnded(): Promise<number> {
    const [row] = await stack.entities.manager.query<{ ended: number }[]>(
      'SELECT coalesce(sum(steps_ended), 0)::int AS ended FROM ledger.jobs',
    );
    return row?.ended ?? 0;
  }

  it('[F28] begins its first step at once; without a line of its own it would wait', async () => {
    const [many, one, outside] = [await open(), await open(), await open()];
    await submitAll(many.bot);
    // As if fairness were off, which is everybody in one line: behind the flood, and nobody behind this one.
    [floodKey, outsideKey] = [many.fairnessKey, outside.fairnessKey];
    const unfair = await submit(outside.bot, 'without a line of its own');
    await until(
      async () => stepsEnded(),
      (ended) => ended >= 4 * SLOTS,
      HOLD_MS,
    );
    const underWayAt = Date.now();
    for (let job = 1; job <= JOBS_BESIDE; job++) {
      const askedAt = Date.now();
      const jobId = await submit(one.bot, `beside-${job}`);
      expect((await firstStepOf(jobId)) - askedAt).toBeLessThan(BOUND_MS);
    }
    const besideMs = Date.now() - underWayAt;
    const unfairMs = (await firstStepOf(unfair)) - underWayAt;
    expect(unfairMs).toBeGreaterThan(BOUND_MS);
    // The flood was under way all that time.
    expect(besideMs).toBeLessThan(unfairMs);
  }, 60_000);
});

async function submit(bot: BotClient, key: string, mark = '[quiet]'): Promise<string> {
  const { status, body } = await ask(bot, key, mark);
  expect([status, body['code']]).toEqual([202, undefined]);
  return String(body['id']);
}

async function ask(bot: BotClient, key: string, mark: string): Promise<Answer> {
  return bot.submit({ key, body: { prompt: `Write a word counter ${mark}` } });
}

async function submitAll(bot: BotClient): Promise<void> {
  let left = FLOOD;
  const submitter = async (): Promise<void> => {
    while (left > 0) {
      const number = left--;
      const isFirst = number > FLOOD - SLOTS;
      const mark = isFirst ? '[holds the slots]' : '[flood]';
      // Whoever floods hears now and then that no answer came in time, and asks again by the same key.
      while ((await ask(bot, `flood-${number}`, mark)).status !== 202);
    }
  };
  await Promise.all(Array.from({ length: SUBMITTED_AT_ONCE }, submitter));
}
