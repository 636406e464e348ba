// When repetition is a loop may be a plan's word: it goes before the house's, and is pinned to a job at its admission.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoopPolicy } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { publishPlan } from '@fairmeter/records';
import { planVersionFor } from '../harness/orders.js';
import { type Body, ReportingBot, toolCall } from '../harness/reporting-bot.js';
import { TestStack } from '../harness/test-stack.js';

const failed = { status: 'error', error: { class: 'unavailable', text: 'no answer' } };

describe('the loop rules of a plan', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function planWith(loops: Partial<LoopPolicy>): Promise<string> {
    const id = `plan_${newId('txt')}`;
    await stack.entities.transaction((tx) => publishPlan(tx, planVersionFor({ id, name: id, loops })));
    return id;
  }

  async function moveTo(bot: ReportingBot, planId: string): Promise<void> {
    await stack.entities.manager.query('UPDATE records.accounts SET plan_id = $1 WHERE id = $2', [
      planId,
      bot.owner.accountId,
    ]);
  }

  const fail = async (bot: ReportingBot, jobId: string): Promise<unknown> =>
    (await bot.step(jobId, toolCall('publish', {}), failed)).body['loop'];

  it('[F9] stop a job at the threshold of its plan, and at the one that it was admitted with', async () => {
    const bot = await ReportingBot.open(stack);
    await moveTo(bot, await planWith({ equalErrors: 2 }));
    const jobId = await bot.openJob();
    expect(await fail(bot, jobId)).toBeNull();
    await moveTo(bot, await planWith({ equalErrors: 9 }));
    expect(await fail(bot, jobId)).toMatchObject({ signal: 'equal_errors', action: 'stopped' });
  });

  it('[F9] leave to the house what they do not name', async () => {
    const bot = await ReportingBot.open(stack);
    await moveTo(bot, await planWith({ equalCalls: 9 }));
    const jobId = await bot.openJob();
    expect([await fail(bot, jobId), await fail(bot, jobId)]).toEqual([null, null]);
    expect(await fail(bot, jobId)).toMatchObject({ signal: 'equal_errors' });
  });

  describe('that let a tool ask again', () => {
    const answers = new Map<string, unknown[]>();
    // Twenty steps each, one after the other, and side by side.
    beforeAll(async () => {
      const planId = await planWith({ pollableTools: ['status'] });
      const poll = async (said: Body): Promise<unknown[]> => {
        const bot = await ReportingBot.open(stack);
        await moveTo(bot, planId);
        const jobId = await bot.openJob();
        const loops: unknown[] = [];
        for (let time = 1; time <= 20; time += 1) {
          loops.push((await bot.step(jobId, toolCall('status', { id: 7 }), said)).body['loop']);
        }
        return loops;
      };
      const [results, errors] = await Promise.all([poll({ result: 'pending' }), poll(failed)]);
      answers.set('results', results);
      answers.set('errors', errors);
    }, 60_000);

    it.each(['results', 'errors'])('[F9] stop it at the twentieth of equal %s, and not before', (kind) => {
      const found = expect.objectContaining({ signal: 'equal_calls', action: 'stopped' });
      expect(answers.get(kind)).toEqual([...Array.from({ length: 19 }, () => null), found]);
    });
  });

  it('record and stop nothing where the plan only watches', async () => {
    const bot = await ReportingBot.open(stack);
    await moveTo(bot, await planWith({ equalErrors: 2, shadow: true }));
    const jobId = await bot.openJob();
    expect(await fail(bot, jobId)).toBeNull();
    expect(await fail(bot, jobId)).toMatchObject({ action: 'recorded' });
    expect(await fail(bot, jobId)).toBeNull();
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'running' });
  });
});
