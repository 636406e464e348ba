// The worker's COMMIT is carried out and its answer is lost, at each of a job's transactions in turn. Whoever asks
// again by the same key finds what stands: the job costs what it costs, and no provider is asked twice.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ModelPort } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { HangUpAtCommit } from '../harness/hang-up-at-commit.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

describe('a COMMIT whose answer is lost', () => {
  let stack: TestStack;
  let wire: HangUpAtCommit;
  const script = threeSteps();
  /** Breaks the wire when a model has answered, so that the end of its step is the transaction whose end nobody saw. */
  const models: ModelPort = {
    generate: async (request, options) => {
      const outcome = await script.port.generate(request, options);
      wire.armed = true;
      return outcome;
    },
  };

  beforeAll(async () => {
    stack = await TestStack.open({ models });
    wire = await HangUpAtCommit.listen(stack.database.writerUrl, 'answer');
    await stack.startWorkerLike({ env: { DATABASE_WRITER_URL: wire.url(stack.database.writerUrl) } });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await wire.close();
  }, 60_000);

  it('[F5, edge 30] leaves every step charged once and asked for once', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const submitted = await bot.submit();
    const job = await bot.ended(String(submitted.body['id']));
    expect(job.body).toMatchObject({ state: 'completed', charge: '1.800000', held: '0.000000' });
    expect(wire.losses).toBeGreaterThanOrEqual(3);
    expect(script.model.callCount).toBe(3);
    await expectLedgerHolds(stack);
  }, 30_000);
});
