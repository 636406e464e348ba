// A worker that dies between the two ends of a reported step, and with the answer to one of them on its way: the next
// worker knows all of it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { accountFacts, attemptsOf } from '../harness/ledger-facts.js';
import { ReportingBot, USED } from '../harness/reporting-bot.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { WorkerProcess } from '../harness/worker-process.js';

/** One answer takes the ten seconds after which the server gives a lost worker's task up, and may not come in time. */
const ANSWERED_AGAIN_WITHIN_MS = 45_000;

const NO_MODEL_IS_ASKED = {
  version: 1,
  scripts: [{ name: 'of nobody', when: { promptIncludes: 'never asked' }, steps: { 1: [reply('nothing')] } }],
};

describe('a reported job whose worker is lost', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F5] charges once what was begun with one worker and ended with the next', async () => {
    const dying = await WorkerProcess.start(stack, NO_MODEL_IS_ASKED);
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    await bot.step(jobId);
    const begun = await bot.begin(jobId, {}, 'begin');
    expect(begun.status).toBe(201);
    await dying.kill();

    let commits = 0;
    await stack.startWorkerLike({
      around: ({ reportedActivities }) => ({
        reportedActivities: {
          // The first end is committed, and its answer is lost with the worker: the same call is made again.
          endReportedStep: async (input) => {
            const result = await reportedActivities.endReportedStep(input);
            commits += 1;
            if (commits === 1) throw new Error('the machine is gone');
            return result;
          },
        },
      }),
    });
    // Nobody knows yet that the worker is gone: the call waits, and is safe to repeat.
    const ended = await until(
      async () => bot.end(jobId, 2, { ...USED, key: 'end' }),
      ({ status }) => status !== 503,
      ANSWERED_AGAIN_WITHIN_MS,
    );
    expect(ended.body).toMatchObject({ charge: '0.600000', charged_so_far: '1.200000' });
    expect(commits).toBe(2);
    expect((await bot.begin(jobId, {}, 'begin')).body).toEqual(begun.body);
    expect((await bot.finish(jobId)).body).toMatchObject({ state: 'completed', charge: '1.200000' });
    expect((await attemptsOf(stack, jobId)).map(({ chargeClass }) => chargeClass)).toEqual(['billable', 'billable']);
    expect(await accountFacts(stack, bot.owner.accountId)).toMatchObject({ openHolds: 0, consumed: '1.200000' });
    await expectLedgerHolds(stack);
  }, 90_000);
});
