// A step whose try is lost once its job was told to stop: there is no next try, and the job ends as it was stopped, not
// as if the platform or the provider had failed it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { expectLedgerHolds } from '../harness/audit.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

describe('a try that is lost after the stop', () => {
  let stack: TestStack;
  let tries = 0;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
    await stack.startWorkerLike({
      models: threeSteps().port,
      around: () => ({
        stepActivities: {
          runStep: async () => {
            tries += 1;
            const { cancellationSignal, heartbeat } = Context.current();
            const beat = setInterval(() => {
              heartbeat();
            }, 500);
            await until(
              async () => cancellationSignal.aborted,
              (isStopped) => isStopped,
            ).finally(() => {
              clearInterval(beat);
            });
            throw new Error('the machine was lost');
          },
        },
      }),
    });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  let owner: TestBot;
  let cancelled: Answer;
  // A stop reaches a step with one of its next heartbeats.
  beforeAll(async () => {
    owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    await until(
      async () => tries,
      (count) => count === 1,
    );
    cancelled = await bot.steer(jobId, 'cancel');
  }, 60_000);

  it('[F21] ends the job as cancelled, with nothing charged and nothing held', async () => {
    expect(cancelled.body).toMatchObject({ state: 'cancelled', end_reason: 'cancelled', charge: '0.000000' });
    expect(tries).toBe(1);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ openHolds: 0, held: '0.000000' });
    await expectLedgerHolds(stack);
  });
});
