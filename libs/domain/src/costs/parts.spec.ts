// Domain room. Goal: the parts of a job's cost are all of it. Method: random jobs, and one reckoned by hand.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cardWith, creditsOf, priceFor, use } from '../../../../test/harness/orders.js';
import { add, microCredits, ZERO } from '../amounts/micro-credits.js';
import { ANSWER_PARTS } from '../jobs/answer-parts.js';
import type { CostedStep, CostedWhole } from './costed-job.js';
import { COST_PARTS, costByPart } from './parts.js';

const CARD = cardWith(priceFor());

function stepWith(wish: Partial<CostedStep>): CostedStep {
  return {
    ordinal: 1,
    iteration: 1,
    kind: 'model_call',
    stage: 'generate',
    model: 'coder',
    tool: null,
    chargeClass: 'billable',
    charge: ZERO,
    writtenOff: ZERO,
    borne: ZERO,
    report: {},
    paidFrom: [],
    attempts: [],
    ...wish,
  };
}

const billed = (meters: Parameters<typeof use>[0]): CostedStep['attempts'] => [
  { attempt: 1, state: 'ended', chargeClass: 'billable', fault: null, meters: use(meters) },
];

function wholeOf(steps: readonly CostedStep[], minimum = ZERO): CostedWhole {
  const charge = add(minimum, ...steps.map((step) => step.charge));
  const job = { state: 'completed', charge, refunded: ZERO, maxCredits: charge } as const;
  return { job, steps, minimum, minimumPaidFrom: [], writtenOff: ZERO, refunds: [] };
}

describe('the parts of a cost', () => {
  it('[A6] say what made it large: parts of the answer by their size, apart from what was read', () => {
    // 1,000 in and 200 out are 0.3 and 0.3 credits.
    const parts = { code: 600, explanation: 300, tests: 100 };
    const generate = stepWith({
      charge: creditsOf('0.6'),
      report: { parts },
      attempts: billed({ input: 1_000, output: 150, reasoning: 50 }),
    });
    const plan = stepWith({ stage: 'plan', charge: creditsOf('0.3'), attempts: billed({ output: 200 }) });
    const tool = stepWith({ kind: 'tool_call', model: null, tool: 'tool.check', charge: creditsOf('0.01') });
    const totals = costByPart(wholeOf([plan, generate, tool], creditsOf('0.02')), CARD);
    expect(
      Object.fromEntries(COST_PARTS.map((part) => [part, [totals[part].charge, totals[part].outputTokens]])),
    ).toEqual({
      code: [creditsOf('0.18'), 120n],
      explanation: [creditsOf('0.09'), 60n],
      file_structure: [0n, 0n],
      install_notes: [0n, 0n],
      tests: [creditsOf('0.03'), 20n],
      working: [creditsOf('0.3'), 200n],
      input: [creditsOf('0.3'), 0n],
      tools: [creditsOf('0.01'), 0n],
      minimum: [creditsOf('0.02'), 0n],
    });
  });

  it('[A6] add up to the charge and to the tokens written, whatever was written off', () => {
    const size = fc.nat(5_000);
    const step = fc
      .record({
        charge: fc.bigInt(0n, 30_000_000n).map(microCredits),
        model: fc.constantFrom('coder', 'gone', null),
        meters: fc.record({ input: fc.nat(9_000), output: fc.nat(9_000), reasoning: fc.nat(900) }),
        parts: fc.option(fc.record(Object.fromEntries(ANSWER_PARTS.map((part) => [part, size]))), { nil: null }),
      })
      .map(({ charge, model, meters, parts }) =>
        stepWith({
          charge,
          model,
          tool: model === null ? 'tool.check' : null,
          report: parts === null ? {} : { parts },
          attempts: billed(model === null ? { calls: 1 } : meters),
        }),
      );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const whole = wholeOf(steps, creditsOf('0.01'));
        const totals = costByPart(whole, CARD);
        expect(add(...COST_PARTS.map((part) => totals[part].charge))).toBe(whole.job.charge);
        const tokens = steps.flatMap(({ attempts }) => attempts.map(({ meters }) => meters.output + meters.reasoning));
        const written = COST_PARTS.reduce((sum, part) => sum + totals[part].outputTokens, 0n);
        expect(written).toBe(BigInt(tokens.reduce((sum, each) => sum + each, 0)));
      }),
    );
  });
});
