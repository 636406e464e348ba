// What the ledger says has happened reaches a waiting job also where nobody was there to tell it, and however many
// processes would.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@fairmeter/platform';
import { Dispatcher } from '../../apps/worker/src/dispatcher/dispatcher.js';
import { WakeWaitingJobs } from '../../apps/worker/src/dispatcher/wake-waiting-jobs.js';
import { BotClient } from '../harness/bot-client.js';
import { giveCredits, openBot } from '../harness/people.js';
import { byStep, reply } from '../harness/scripts.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';

describe('the dispatcher', () => {
  const script = byStep({ 1: [reply('plan')], 2: [reply('=== a.js')], 3: [reply('APPROVED')] });
  let stack: TestStack;
  let worker: RunningWorker;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
    worker = await stack.startWorkerLike({ models: script.port, wakes: false });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  function dispatcher(): Dispatcher {
    const { outbox } = worker.parts;
    const logger = createLogger({ service: 'test', level: 'silent', pretty: false });
    return new Dispatcher({ outbox, consumers: [new WakeWaitingJobs(outbox, stack.temporal)], logger });
  }

  async function stateOf(bot: BotClient, jobId: string): Promise<unknown> {
    return (await bot.get(`/v1/jobs/${jobId}`)).body['state'];
  }

  it('[D13, edge 22] finds the grant that came while it was away, and shares the work with others', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const owner = await openBot(stack, { credits: '0.9' });
        const bot = new BotClient(stack, owner);
        const jobId = String((await bot.submit()).body['id']);
        await until(
          async () => stateOf(bot, jobId),
          (state) => state === 'waiting_credits',
        );
        return { owner, bot, jobId };
      }),
    );
    for (const { owner } of jobs) await giveCredits(stack, owner.accountId, '10');
    await pause(500);
    for (const { bot, jobId } of jobs) expect(await stateOf(bot, jobId)).toBe('waiting_credits');
    const dispatchers = [dispatcher(), dispatcher()];
    for (const each of dispatchers) each.start();
    try {
      for (const { bot, jobId } of jobs) {
        expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
      }
    } finally {
      for (const each of dispatchers) await each.stop();
    }
  }, 40_000);
});
