// A reported job of a hundred iterations of ten steps, from several sub-agents at a time: it goes on from run to run on
// the real server, and no call is lost on the way.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { temporal } from '@temporalio/proto';
import { workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { ReportingBot, toolCall } from '../harness/reporting-bot.js';
import { TestStack } from '../harness/test-stack.js';

const AGENTS = 4;
const ITERATIONS = 100;
const STEPS_OF_AN_ITERATION = 10;
const STEPS = ITERATIONS * STEPS_OF_AN_ITERATION;
/** So many steps are a part of the way, which takes as long as a machine makes it. */
const STEPS_OF_A_PART = 10 * STEPS_OF_AN_ITERATION;
const PARTS = Array.from({ length: STEPS / STEPS_OF_A_PART }, (_, part) => part * STEPS_OF_A_PART);
/** By default a server takes as many updates of one run, warns of as many events, and ends it at five times as many. */
const MOST_UPDATES = 2_000;
const MANY_EVENTS = 10_240;

type History = temporal.api.history.v1.IHistory;

describe('a long reported job', () => {
  const ordinals: number[] = [];
  let stack: TestStack;
  let bot: ReportingBot;
  let jobId: string;
  beforeAll(async () => {
    stack = await TestStack.start();
    bot = await ReportingBot.open(stack, { plan: 'plan_premium', credits: '100', maxIterations: ITERATIONS });
    jobId = await bot.openJob({ max_iterations: ITERATIONS });
  }, 60_000);
  for (const from of PARTS) beforeAll(() => work(from, from + STEPS_OF_A_PART), 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  /** All agents at once, each on every fourth of these steps. */
  async function work(from: number, to: number): Promise<void> {
    if (ordinals.length !== from) throw new Error(`the steps before ${from} have not ended`);
    const agents = Array.from({ length: AGENTS }, async (_, agent) => {
      for (let place = from + agent; place < to; place += AGENTS) {
        const iteration = 1 + Math.floor(place / STEPS_OF_AN_ITERATION);
        const begun = toolCall('write', { path: `src/${place}.js` }, iteration);
        const told = { result: `wrote ${place} as nobody did before`, artefact_hash: `files ${place}` };
        const ended = await bot.step(jobId, { ...begun, stream: `agent ${agent}` }, told);
        expect([ended.status, ended.body['loop']]).toEqual([200, null]);
        ordinals.push(Number(ended.body['step']));
      }
    });
    await Promise.all(agents);
  }

  /** Every run, from the first to the last. */
  async function runsOf(workflowId: string): Promise<History[]> {
    const rows = await stack.entities.manager.query<{ run_id: string }[]>(
      'SELECT run_id FROM ledger.jobs WHERE id = $1',
      [jobId],
    );
    const runs: History[] = [];
    for (let runId = rows[0]?.run_id; runId !== undefined && runId !== '';) {
      const history: History = await stack.temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
      runs.push(history);
      runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
    }
    return runs;
  }

  it('[F7, F23] takes a thousand steps within the limits of the server', async () => {
    expect(ordinals.sort((one, other) => one - other)).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1));
    const finished = await bot.finish(jobId);
    expect(finished.body).toMatchObject({ state: 'completed', steps_ended: STEPS, iteration: ITERATIONS });
    expect(await accountFacts(stack, bot.owner.accountId)).toMatchObject({
      openHolds: 0,
      held: '0.000000',
      consumed: finished.body['charge'],
    });
    const runs = await runsOf(workflowIdOf(bot.owner));
    expect(runs.length).toBeGreaterThan(1);
    for (const { events } of runs) {
      const updates = (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
      expect(updates.length).toBeLessThan(MOST_UPDATES);
      expect(events?.length).toBeLessThan(MANY_EVENTS);
    }
    await expectLedgerHolds(stack);
  }, 60_000);
});
