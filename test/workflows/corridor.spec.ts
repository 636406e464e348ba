// One AI request through the whole corridor on real servers: what it costs, what it holds, and that it happens once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

describe('one AI request', () => {
  const script = threeSteps();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[C2, F6] costs what its steps used and holds nothing afterwards', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const submitted = await bot.submit();
    expect(submitted.status).toBe(202);
    const job = await bot.ended(String(submitted.body['id']));
    expect(job.body).toMatchObject({
      state: 'completed',
      end_reason: 'finished',
      charge: '1.800000',
      held: '0.000000',
    });
    await expectLedgerHolds(stack);
  });
});
