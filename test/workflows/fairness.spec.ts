// One account's flood and another's single job: the flood waits in its own line, and whoever comes with little does not
// wait behind it, neither for an answer nor for a first step. Without lines of their own the same job waits.
import { describe, expect, it } from '@jest/globals';
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
/** The fewest of which a p95 can be told from the slowest. */
const JOBS = 20;
const FIRST_STEP_WITHIN_MS = 2_000;
const ADMITTED_WITHIN_QUIET_P95S = 2;

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
  it('[F28] is admitted within twice its quiet p95 and begins its first step within 2 s', async () => {
    const { quiet, beside } = await lookBesideFlood({ env: {}, jobs: JOBS });
    expect(p95(beside.map(admitted)) / p95(quiet.map(admitted))).toBeLessThanOrEqual(ADMITTED_WITHIN_QUIET_P95S);
    expect(Math.max(...beside.map(begun))).toBeLessThan(FIRST_STEP_WITHIN_MS);
  }, 60_000);

  it('[F28] waits longer than that for its first step where all stand in one line', async () => {
    const { beside } = await lookBesideFlood({ env: { FAIR_QUEUES: 'off' }, jobs: 1 });
    expect(Math.max(...beside.map(begun))).toBeGreaterThan(FIRST_STEP_WITHIN_MS);
  }, 60_000);
});

/** What a job waited for, from when it was asked. */
interface Waited {
  readonly admittedMs: number;
  readonly firstStepMs: number;
}

const admitted = ({ admittedMs }: Waited): number => admittedMs;
const begun = ({ firstStepMs }: Waited): number => firstStepMs;

/** By nearest rank: of twenty the second slowest. */
function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Infinity;
}

interface Flood {
  /** Settings of the API. */
  readonly env: Readonly<Record<string, string>>;
  /** As many of the one account while it is quiet, and as many in the middle of the flood. */
  readonly jobs: number;
}

interface Seen {
  readonly quiet: readonly Waited[];
  readonly beside: readonly Waited[];
}

async function lookBesideFlood({ env, jobs }: Flood): Promise<Seen> {
  const stack = await TestStack.open({ api: env });
  await stack.startApi();
  // A process of its own, as in production: the API answers while it works.
  const worker = await WorkerProcess.start(stack, SCRIPT, { STEP_SLOTS: String(SLOTS) });
  try {
    const [many, one] = [await open(stack), await open(stack)];
    // The first meets statements that nobody has planned yet.
    await askOneByOne(stack, one, { mark: 'first', jobs: 1 });
    const quiet = await askOneByOne(stack, one, { mark: 'quiet', jobs });
    await submitAll(many);
    await until(
      async () => stepsEnded(stack),
      (ended) => ended >= (jobs + 1) * 3 + 4 * SLOTS,
      2 * HOLD_MS,
    );
    const beside = await askOneByOne(stack, one, { mark: 'beside', jobs });
    // The flood was under way all that time.
    expect(await openJobs(stack)).toBeGreaterThan(SLOTS);
    return { quiet, beside };
  } finally {
    await worker.kill();
    await stack.stop();
  }
}

async function open(stack: TestStack): Promise<BotClient> {
  return new BotClient(stack, await openBot(stack, { credits: '1000000', plan: 'plan_custom' }));
}

async function askOneByOne(
  stack: TestStack,
  bot: BotClient,
  { mark, jobs }: { readonly mark: string; readonly jobs: number },
): Promise<readonly Waited[]> {
  const waited: Waited[] = [];
  for (let job = 1; job <= jobs; job++) {
    const askedAt = Date.now();
    const { status, body } = await ask(bot, `${mark}-${job}`, '[quiet]');
    const admittedMs = Date.now() - askedAt;
    expect([status, body['code']]).toEqual([202, undefined]);
    const jobId = String(body['id']);
    waited.push({ admittedMs, firstStepMs: (await firstStepOf(stack, jobId)) - askedAt });
    await bot.ended(jobId);
  }
  return waited;
}

async function firstStepOf(stack: TestStack, jobId: string): Promise<number> {
  const attempts = await until(
    async () => attemptsOf(stack, jobId),
    (found) => found.length > 0,
    30_000,
  );
  return attempts[0]?.startedAt ?? Infinity;
}

async function stepsEnded(stack: TestStack): Promise<number> {
  return countOf(stack, 'SELECT coalesce(sum(steps_ended), 0)::int AS count FROM ledger.jobs');
}

async function openJobs(stack: TestStack): Promise<number> {
  return countOf(stack, 'SELECT count(*)::int AS count FROM ledger.jobs WHERE ended_at IS NULL');
}

async function countOf(stack: TestStack, sql: string): Promise<number> {
  const [row] = await stack.entities.manager.query<{ count: number }[]>(sql);
  return row?.count ?? 0;
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
