// Temporal out of reach: an unknown outcome is said to be one, the ledger does not move, and the same key does it once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TcpProxy } from '../harness/tcp-proxy.js';
import { testServers } from '../harness/test-servers.js';
import { TestStack } from '../harness/test-stack.js';
import { livedDuring, pause } from '../harness/until.js';

const DEADLINE_MS = 700;
/** Of the door whose request is admitted within it, though no answer comes. */
const PATIENT_MS = 3_000;
const ONCE = { jobs: 1, holds: 1, openHolds: 0, held: '0.000000', consumed: '1.800000' };

describe('a door that cannot reach Temporal', () => {
  const script = threeSteps();
  let stack: TestStack;
  let proxy: TcpProxy;
  beforeAll(async () => {
    stack = await TestStack.open({ models: script.port });
    await stack.startWorker();
    proxy = await TcpProxy.before(testServers().temporalAddress);
    await stack.startApi({ TEMPORAL_ADDRESS: proxy.address, ADMIT_DEADLINE_MS: String(DEADLINE_MS) });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await proxy.close();
  }, 60_000);

  it('[F24] answers admission_unknown, ledger unmoved, and admits once when it is back', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const before = await accountFacts(stack, owner.accountId);
    proxy.cut();
    const { value: answers, livedMs } = await livedDuring(async () => [await bot.submit(), await bot.submit()]);
    expect(livedMs).toBeLessThan(4 * DEADLINE_MS);
    for (const { status, body, headers } of answers) {
      expect([status, body['code']]).toEqual([503, 'admission_unknown']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await accountFacts(stack, owner.accountId)).toEqual(before);
    const ready = await bot.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.body['missing']).toContain('temporal');
    proxy.restore();
    const known = await bot.submitUntilKnown();
    expect(known.status).toBe(202);
    await bot.ended(String(known.body['id']));
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
  }, 40_000);

  it('[F24] finds the job that was admitted when only the answer was lost', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    // One answered call, so that the connection stands when its answers stop.
    const other = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const patient = await stack.startApi({
      TEMPORAL_ADDRESS: proxy.address,
      ADMIT_DEADLINE_MS: String(PATIENT_MS),
    });
    await other.submitUntilKnown();
    proxy.mute();
    const answer = await bot.submit();
    proxy.restore();
    await stack.stopApi(patient);
    expect(answer.status).toBe(202);
    const jobId = String(answer.body['id']);
    expect((await bot.submitUntilKnown()).body['id']).toBe(jobId);
    await bot.ended(jobId);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
  }, 40_000);

  it('[F24] is never half done, whenever the wire is cut', async () => {
    for (const afterMs of [0, 5, 15, 40]) {
      const owner = await openBot(stack, { credits: '100' });
      const bot = new BotClient(stack, owner);
      const first = bot.submit();
      await pause(afterMs);
      proxy.cut();
      expect([202, 503]).toContain((await first).status);
      proxy.restore();
      const known = await bot.submitUntilKnown();
      expect(known.status).toBe(202);
      await bot.ended(String(known.body['id']));
      expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    }
    await expectLedgerHolds(stack);
  }, 60_000);
});
