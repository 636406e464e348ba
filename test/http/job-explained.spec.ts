// The charge of a job made anew, over HTTP, and what stands beside it: the bands that describe it, and the wall before
// what it really cost the platform.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import { explainBody } from '../../apps/api/src/jobs/explain-body.js';
import { creditsOf, use } from '../harness/orders.js';
import { TestStack } from '../harness/test-stack.js';
import { check, packaging, PostedJobs, turn } from './posted-jobs.js';

let stack: TestStack;
let owner: PostedJobs;

beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
  owner = await PostedJobs.open(stack);
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

describe('the charge made anew', () => {
  it('[C28] gives every line, the sum, the minimum and what was written off, and agrees with the ledger', async () => {
    const budget = creditsOf('1.3');
    const steps = [turn(), turn({ used: use({ input: 1_000, output: 800 }) })];
    const bound = await owner.play({ steps, maxCredits: budget });
    const body = explainBody.strict().parse(await owner.get(`jobs/${bound.jobId}/cost/explain`));
    expect(body).toMatchObject({
      matches: true,
      recomputed: '1.300000',
      charge: '1.300000',
      captured: '1.300000',
      differences: [],
    });
    expect(body.steps[1]).toMatchObject({
      attempt: 1,
      lines: [
        { meter: 'input', quantity: 1_000, amount: '0.300000000000' },
        { meter: 'output', quantity: 800, amount: '1.200000000000' },
      ],
      priced: '1.500000',
      written_off: '0.800000',
      bound_by: 'budget',
      recomputed: '0.700000',
      charge: '0.700000',
      captured: '0.700000',
    });
    const small = await owner.play({ steps: [turn({ used: use({ output: 20 }) })] });
    expect(await owner.get(`jobs/${small.jobId}/cost/explain`)).toMatchObject({
      matches: true,
      steps_sum: '0.030000',
      minimum: { recomputed: '0.070000', charged: '0.070000' },
      charge: '0.100000',
    });
  });

  it('[C28] names the step at which somebody changed a meter behind the ledger', async () => {
    const job = await owner.play({ steps: [turn(), turn(), check()] });
    await withClient(stack.database.adminUrl, async (superuser) => {
      await superuser.query(
        'UPDATE ledger.attempts SET output_tokens = output_tokens + 1 WHERE job_id = $1 AND ordinal = 2',
        [job.jobId],
      );
    });
    const body = explainBody.parse(await owner.get(`jobs/${job.jobId}/cost/explain`));
    expect(body.matches).toBe(false);
    expect(body.steps.map(({ matches }) => matches)).toEqual([true, false, true]);
    expect(body.differences).toEqual([
      { step: 2, code: 'charge_differs_from_meters', expected: '0.601500', found: '0.600000' },
      { step: null, code: 'charge_differs_from_steps', expected: '1.213500', found: '1.212000' },
    ]);
  });
});

describe('beside the charge of a job', () => {
  it.each([
    [60, '0.100000', 'micro'],
    [333, '0.499500', 'micro'],
    [334, '0.501000', 'small'],
    [700, '1.050000', 'larger'],
    [3_334, '5.001000', 'open_ended'],
    [13_333, '19.999500', 'open_ended'],
    [13_334, '20.001000', 'beyond'],
  ])('[C8] puts %s tokens at %s credits into the band %s, which changes nothing', async (output, charge, band) => {
    const job = await owner.play({ steps: [turn({ used: use({ output }) })] });
    expect(await owner.get(`jobs/${job.jobId}/cost`)).toMatchObject({ charge, band });
  });

  it('[C3] never tells an owner what anything really cost the platform', async () => {
    const job = await owner.play({ steps: [turn(), packaging()] });
    const [known] = await stack.entities.manager.query<{ cost: string }[]>(
      'SELECT sum(real_cost)::text AS cost FROM ledger.attempts WHERE job_id = $1',
      [job.jobId],
    );
    // 1,000 tokens in at 3 and 200 out at 15 dollars a million, and 40 ms of packing at a thousandth a second.
    expect(known?.cost).toBe('6040');
    for (const view of [
      'cost',
      'cost/explain',
      'timeline',
      'steps',
      'steps/1/attempts',
      'steps/2/attempts',
      'result',
    ]) {
      for (const key of [owner.bot.key, owner.accountKey]) {
        const text = JSON.stringify(await owner.get(`jobs/${job.jobId}/${view}`, key));
        expect(text).not.toMatch(/real_?cost|dollar|usd|0\.00604|0\.006000|6040|provider_model/i);
      }
    }
  });
});
