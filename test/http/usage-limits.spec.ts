// Goal: questions about usage never take the database from everybody else: few at once for an account, none for long.
// Method: whoever holds the table of jobs lets every question wait for as long as the test needs.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BotClient } from '../harness/bot-client.js';
import type { Answer } from '../harness/bot-client.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { PostedJobs, turn } from './posted-jobs.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

/** A question that nobody holds up is answered within it, but where the machine itself stands still. */
const WITHIN_MS = 500;
const WHOLE = 'from=2039-01-01T00:00:00Z&to=2039-02-01T00:00:00Z';
const ask = async ({ bot, accountKey }: PostedJobs): Promise<Answer> =>
  new BotClient(stack, { ...bot, key: accountKey }).get(`/v1/account/usage?${WHOLE}`);

async function whileHeld<T>(work: () => Promise<T>): Promise<T> {
  return stack.entities.transaction(async (tx) => {
    await tx.query('LOCK TABLE ledger.jobs IN ACCESS EXCLUSIVE MODE');
    return work();
  });
}

describe('usage', () => {
  it('is counted for two questions of an account at once, and for those of others beside them', async () => {
    const owner = await PostedJobs.open(stack);
    const other = await PostedJobs.open(stack);
    await owner.play({ steps: [turn()] });
    const asked = await whileHeld(async () => {
      const answers = [ask(owner), ask(owner), ask(owner)];
      const refused = await Promise.race(answers);
      expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
        429,
        'rate_limited',
        '1',
      ]);
      return [...answers, ask(other)];
    });
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429]);
    expect((await ask(owner)).body).toMatchObject({ total: { jobs: 1, net: '0.600000' } });
  });

  describe('that takes too long', () => {
    const held: Answer[] = [];
    let last: Answer;
    // Each question waits for as long as it may.
    beforeAll(async () => {
      await stack.startApi({ USAGE_WITHIN_MS: String(WITHIN_MS) });
      const owner = await PostedJobs.open(stack);
      await whileHeld(async () => {
        for (let time = 0; time < 3; time += 1) held.push(await ask(owner));
      });
      last = await until(
        async () => ask(owner),
        ({ status }) => status !== 503,
      );
    }, 60_000);

    it('is given up, says what to ask instead, and gives its place back', () => {
      expect(held).toHaveLength(3);
      for (const { status, body, headers } of held) {
        expect([status, headers.get('retry-after')]).toEqual([503, '10']);
        expect(body).toMatchObject({
          code: 'too_much_to_count',
          from: '2039-01-01T00:00:00.000Z',
          to: '2039-02-01T00:00:00.000Z',
          within_ms: WITHIN_MS,
        });
      }
      expect(last.status).toBe(200);
    });
  });
});
