// What a job cost, over HTTP: every line from the job down to the card, what was not charged, and what came back.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { costBody } from '../../apps/api/src/jobs/cost-body.js';
import { creditsOf, use } from '../harness/orders.js';
import type { Played } from '../harness/played-jobs.js';
import { TestStack } from '../harness/test-stack.js';
import { check, clarification, packaging, PostedJobs, search, turn } from './posted-jobs.js';

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

type Cost = ReturnType<typeof costBody.parse>;

async function costOf({ jobId }: Played, of: PostedJobs = owner): Promise<Cost> {
  return costBody.strict().parse(await of.get(`jobs/${jobId}/cost`));
}

const sum = (amounts: readonly string[]): bigint => amounts.reduce((total, text) => total + creditsOf(text), 0n);
const charges = (totals: readonly { readonly charge: string }[]): string[] => totals.map(({ charge }) => charge);

describe('the cost of a job', () => {
  it('[C28] [C2] is told down to the card: meters, rates, lines, rounding, lot and entry that paid', async () => {
    const job = await owner.play({
      steps: [
        turn({ used: use({ input: 1_001, cachedInput: 7, output: 200, reasoning: 3, system: 400, calls: 1 }) }),
        check({ used: use({ calls: 1, milliseconds: 333 }) }),
      ],
    });
    const { steps, paid_from: paidFrom, charge } = await costOf(job);
    expect(steps[0]).toMatchObject({
      id: `${job.jobId}/steps/1`,
      charge: '0.605010',
      charge_shown: '0.6',
      paid_from: [{ kind: 'subscription', amount: '0.605010' }],
      attempts: [
        {
          tokens: { input: 1_001, cached_input: 7, cache_write: 0, output: 200, reasoning: 3 },
          system_tokens: 400,
          lines: [
            { meter: 'input', quantity: 1_001, rate: '300.000000', per: 'million_tokens', amount: '0.300300000000' },
            { meter: 'cached_input', quantity: 7, rate: '30.000000', amount: '0.000210000000' },
            { meter: 'output', quantity: 200, rate: '1500.000000', amount: '0.300000000000' },
            { meter: 'reasoning', quantity: 3, rate: '1500.000000', amount: '0.004500000000' },
          ],
          rounding: '0.000000000000',
          priced: '0.605010',
        },
      ],
    });
    expect(steps[1]?.attempts[0]?.lines.map(({ meter, per, amount }) => [meter, per, amount])).toEqual([
      ['calls', 'call', '0.010000000000'],
      ['milliseconds', 'second', '0.000666000000'],
    ]);
    expect([charge, paidFrom.map(({ amount }) => amount)]).toEqual(['0.615676', ['0.615676']]);
    const entries = await owner.get(`account/ledger?job_id=${job.jobId}`, owner.accountKey);
    const taken = (entries['data'] as { seq: string; movement: string; step: number }[])
      .filter(({ movement }) => movement === 'charged')
      .map(({ seq, step }) => [step, seq]);
    expect(taken.reverse()).toEqual(steps.map(({ step, paid_from: from }) => [step, from[0]?.entry_seq]));
  });

  it('[A6] [C10] adds up by part, kind, model, tool and iteration; clarification has its own total', async () => {
    const parts = { code: 700, explanation: 200, tests: 100 };
    const job = await owner.play({
      steps: [
        turn({ stage: 'plan' }),
        turn({ report: { parts } }),
        clarification(),
        search({ iteration: 2 }),
        check({ iteration: 2 }),
        packaging({ iteration: 2 }),
      ],
    });
    await stack.entities.manager.query(
      `INSERT INTO records.artefacts
         (id, job_id, account_id, subject, files, bytes, sha256, body, created_at, expires_at)
       VALUES ($1, $2, $3, $4, 3, 2, repeat('a', 64), 'ab', now(), now() + interval '1 day')`,
      [`art_${job.jobId}`, job.jobId, job.accountId, owner.bot.botId],
    );
    const { totals, charge, artefact } = await costOf(job);
    expect(charge).toBe('1.424000');
    expect(artefact).toMatchObject({ files: 3, bytes: 2 });
    for (const way of [totals.by_kind, totals.by_iteration, totals.by_part]) {
      expect(sum(charges(way))).toBe(creditsOf(charge));
    }
    expect(sum(charges([...totals.by_model, ...totals.by_tool]))).toBe(creditsOf(charge));
    expect(totals.by_kind.map(({ kind, steps, charge: each }) => [kind, steps, each])).toEqual([
      ['model_call', 2, '1.200000'],
      ['tool_call', 2, '0.024000'],
      ['preview_build', 0, '0.000000'],
      ['packaging', 1, '0.000000'],
      ['clarification', 1, '0.200000'],
    ]);
    expect(totals.by_part.map(({ part, output_tokens: tokens, charge: each }) => [part, tokens, each])).toEqual([
      ['code', 140, '0.210000'],
      ['explanation', 40, '0.060000'],
      ['file_structure', 0, '0.000000'],
      ['install_notes', 0, '0.000000'],
      ['tests', 20, '0.030000'],
      ['working', 400, '0.400000'],
      ['input', 0, '0.700000'],
      ['tools', 0, '0.024000'],
      ['minimum', 0, '0.000000'],
    ]);
    expect(totals.by_iteration.map(({ step_numbers: numbers }) => numbers)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('[C26] [E1] holds what an export row holds: times, models and tiers, context, tools, retries', async () => {
    const failed = [use({ input: 500, calls: 1 })];
    const job = await owner.play({ steps: [turn({ failed }), clarification(), search(), check()], paceMs: 1_000 });
    const cost = await costOf(job);
    expect(cost).toMatchObject({
      job_id: job.jobId,
      account_id: job.accountId,
      bot_id: owner.bot.botId,
      request_kind: 'generate',
      funding_source: 'owner',
      status: 'success',
      created_at: '2039-01-01T00:00:00.000Z',
      ended_at: '2039-01-01T00:00:04.000Z',
      latency_ms: 4_000,
      rate_card_id: 'card_of_posted_jobs',
      context: { prompt_bytes: 100, input_tokens: 2_000, output_tokens: 400, system_tokens: 0 },
      retries: 1,
      iterations: 1,
      // Two tries of the first model, one of the second, one of the service; our own check is none.
      outside_calls: 4,
    });
    expect(cost.totals.by_model.map(({ model, family, tier }) => [model, family, tier])).toEqual([
      ['card-coder', 'coders', 'standard'],
      ['card-small', 'smalls', 'premium'],
    ]);
    expect(cost.totals.by_tool.map(({ tool, unit_kind: kind, calls }) => [tool, kind, calls])).toEqual([
      ['service.search', 'service', 1],
      ['tool.check', 'tool', 1],
    ]);
  });

  it('[F8] [A9] shows what was not charged and why: retries of ours, a try overtaken, packing', async () => {
    const lost = use({ input: 1_000, output: 200, calls: 1 });
    const job = await owner.play({ steps: [turn({ failed: [lost, lost], overtaken: true }), packaging()] });
    const { charge, not_charged: free, steps, retries } = await costOf(job);
    expect([charge, retries, steps.map((step) => step.retries)]).toEqual(['0.600000', 3, [3, 0]]);
    expect(free.map(({ step, attempt, reason, amount }) => [step, attempt, reason, amount])).toEqual([
      [1, 1, 'platform_fault', '0.600000'],
      [1, 2, 'platform_fault', '0.600000'],
      [1, 3, 'superseded', '0.000000'],
      [2, 1, 'packaging_is_free', '0.000000'],
    ]);
  });

  it('[edge 46] is nothing, and has no minimum, where only the platform failed', async () => {
    const job = await owner.play({ steps: [turn({ chargeClass: 'platform_fault' })] });
    expect(await costOf(job)).toMatchObject({
      charge: '0.000000',
      band: null,
      minimum: { amount: '0.000000' },
      not_charged: [{ reason: 'platform_fault', amount: '0.600000' }],
    });
    expect(await owner.get(`jobs/${job.jobId}/cost/explain`)).toMatchObject({ matches: true, charge: '0.000000' });
  });

  it('[F12] shows refunds with lane, steps and lots, and the loop they answer with its evidence', async () => {
    const job = await owner.play({ steps: [turn(), turn(), turn(), turn()] });
    const ref = (ordinal: number) => ({ jobId: job.jobId, ordinal });
    await owner.findLoop(job, {
      signal: 'equal_errors',
      foundAt: ref(4),
      steps: [ref(2), ref(3), ref(4)],
      firstHonestStep: ref(2),
      threshold: 3,
      period: null,
      subject: 'tool.check',
      fingerprint: 'f00d',
      cause: 'platform_fault',
      confidence: 'high',
      remedy: 'refund',
      repeats: [ref(3), ref(4)],
      refundableSteps: [ref(3), ref(4)],
    });
    await owner.refund(job, 'finding/1', 3);
    await owner.refund(job, 'case/9', 4);
    const { charge, refunded, net, refunds, loops, steps } = await costOf(job);
    expect([charge, refunded, net]).toEqual(['2.400000', '0.600000', '1.800000']);
    expect(steps.map((step) => step.refunded)).toEqual(['0.000000', '0.000000', '0.300000', '0.300000']);
    const part = { kind: 'subscription', amount: '0.300000' };
    expect(refunds).toMatchObject([
      { lane: 'auto', finding: 1, form: 'origin_while_live', amount: '0.300000', to_lots: [{ ...part, step: 3 }] },
      { lane: 'review', finding: null, amount: '0.300000', to_lots: [{ ...part, step: 4 }] },
    ]);
    const shown = (ordinal: number) => ({ job_id: job.jobId, step: ordinal });
    expect(loops).toEqual([
      {
        finding: 1,
        code: 'loop_equal_errors',
        signal: 'equal_errors',
        subject: 'tool.check',
        fingerprint: 'f00d',
        threshold: 3,
        period: null,
        cause: 'platform_fault',
        confidence: 'high',
        action: 'refunded',
        found_at_step: 4,
        found_at: '2039-01-01T00:00:04.000Z',
        first_honest_step: shown(2),
        steps: [shown(2), shown(3), shown(4)],
        repeats: [shown(3), shown(4)],
        refunded_steps: [shown(3), shown(4)],
        incidents: [],
        amount: '0.300000',
        reclassified: null,
      },
    ]);
    expect(await owner.get(`jobs/${job.jobId}/cost/explain`)).toMatchObject({ matches: true, net: '1.800000' });
  });

  it('[edge 45] shows one decimal beside every exact amount, the total rounded once', async () => {
    const used = use({ output: 30 });
    const job = await owner.play({ steps: [turn({ used }), turn({ used }), turn({ used })] });
    const cost = await costOf(job);
    expect(cost.steps.map(({ charge, charge_shown: shown }) => [charge, shown])).toEqual(
      Array.from({ length: 3 }, () => ['0.045000', '0.0']),
    );
    expect([cost.charge, cost.charge_shown, cost.net_shown]).toEqual(['0.135000', '0.1', '0.1']);
  });

  it('[F20] says during the run what was captured so far, what is held and what is left of the budget', async () => {
    const steps = [turn(), turn({ used: null })];
    const job = await owner.play({ steps, maxCredits: creditsOf('50'), settles: false });
    const running = await costOf(job);
    expect(running).toMatchObject({ final: false, status: 'running', so_far: '0.600000', budget: '49.400000' });
    expect(sum([running.held])).toBeGreaterThan(0n);
    expect(running.steps[1]).toMatchObject({ state: 'running', charge: '0.000000', ended_at: null });
    const settled = await owner.play({ steps: [turn()], maxCredits: creditsOf('50') });
    const ended = await costOf(settled);
    expect(ended).toMatchObject({ final: true, held: '0.000000', charge: '0.600000' });
    expect([ended.so_far, ended.budget]).toEqual([undefined, undefined]);
  });

  it('[A14] [A21] says of coding that the code needs a review, and that a bigger output needs more', async () => {
    const coding = await costOf(await owner.play({ steps: [turn()] }));
    expect([coding.notices, coding.facts].map((said) => said.map(({ code }) => code))).toEqual([
      ['code_is_a_suggestion'],
      ['bigger_output_costs_more'],
    ]);
    const chat = await PostedJobs.open(stack, { type: 'chat' });
    const answer = await costOf(await chat.play({ steps: [turn({ stage: 'answer' })] }), chat);
    expect([answer.notices, answer.facts]).toEqual([[], []]);
  });
});
