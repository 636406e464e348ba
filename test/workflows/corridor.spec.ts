// One AI request through the whole corridor on real servers: what it costs, what it holds, and that it happens once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { add, formatCredits, microCredits } from '@fairmeter/domain';
import { readRateCard } from '@fairmeter/records';
import { costBody } from '../../apps/api/src/jobs/cost-body.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

/** Another count in each pool, so that one charged at the rate of another shows. */
const PLAN_USED = { input: 1_000, cachedInput: 2_000, cacheWrite: 400, output: 200, reasoning: 100 };

describe('one AI request', () => {
  const script = byStage({
    plan: [{ text: 'plan', usage: PLAN_USED }],
    generate: [reply('=== a.js')],
    review: [reply('APPROVED')],
  });
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F6] costs what its steps used at the rates it was admitted with, and holds nothing afterwards', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const submitted = await bot.submit();
    expect(submitted.status).toBe(202);
    const job = await bot.ended(String(submitted.body['id']));
    expect(job.body).toMatchObject({
      state: 'completed',
      end_reason: 'finished',
      charge: '2.160000',
      held: '0.000000',
    });

    const cost = costBody.parse((await bot.get(`/v1/jobs/${String(job.body['id'])}/cost`)).body);
    const other = { input: 1_000, cached_input: 0, cache_write: 0, output: 200, reasoning: 0 };
    expect(cost.steps.map(({ attempts }) => attempts.map(({ tokens }) => tokens))).toEqual([
      [{ input: 1_000, cached_input: 2_000, cache_write: 400, output: 200, reasoning: 100 }],
      [other],
      [other],
    ]);
    const card = await readRateCard(stack.entities.manager, String(job.body['rate_card_id']));
    const charges = cost.steps.map(({ model, attempts }) => {
      const rates = card.models.find((price) => price.model === model)?.rates;
      if (rates === undefined) throw new Error(`${card.id} has no price for ${model}`);
      return attempts.map(({ tokens }) => {
        const perMillion =
          BigInt(tokens.input) * rates.input +
          BigInt(tokens.cached_input) * rates.cachedInput +
          BigInt(tokens.cache_write) * rates.cacheWrite +
          BigInt(tokens.output) * rates.output +
          BigInt(tokens.reasoning) * rates.reasoning;
        return microCredits(perMillion / 1_000_000n);
      });
    });
    expect(cost.steps.map(({ charge }) => charge)).toEqual(charges.map((each) => formatCredits(add(...each))));
    expect(cost.charge).toBe(formatCredits(add(...charges.flat())));
    await expectLedgerHolds(stack);
  });
});
