// API room. The charge made anew from stored meters and the pinned card, beside what the ledger took.
import type { CostExplanation, StepExplanation } from '@fairmeter/domain';
import { CHARGE_BOUNDS, DIFFERENCES, formatCredits, formatExactCredits } from '@fairmeter/domain';
import type { RateCard } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { cardLine, exactCredits, linesBody } from './card-lines-body.js';
import { credits, jobState } from './job-body.js';

const explainedStep = z.object({
  step: z.int(),
  attempt: z.int().nullable().describe('The one attempt the step was charged for.'),
  lines: z.array(cardLine),
  rounding: exactCredits,
  priced: credits.describe('The lines and their rounding.'),
  written_off: credits.describe('What the platform bears of it.'),
  bound_by: z
    .enum(CHARGE_BOUNDS)
    .nullable()
    .describe('Why less was charged than priced: the budget, the credits there were, or the hold of a stopped step.'),
  recomputed: credits.describe('Priced and not written off.'),
  charge: credits,
  captured: credits.describe('What the entries of the ledger took for it.'),
  matches: z.boolean(),
});

export const explainBody = z.object({
  job_id: z.string(),
  state: jobState,
  rate_card_id: z.string(),
  minimum_charge: credits.describe('The smallest charge of a billable job on the pinned card.'),
  matches: z.boolean().describe('Whether every figure below agrees, to the millionth of a credit.'),
  steps: z.array(explainedStep),
  steps_sum: credits,
  minimum: z.object({ recomputed: credits, charged: credits }),
  recomputed: credits.describe('The steps and the minimum line.'),
  charge: credits,
  captured: credits,
  refunded: credits,
  net: credits,
  differences: z
    .array(z.object({ step: z.int().nullable(), code: z.enum(DIFFERENCES), expected: credits, found: credits }))
    .describe('What does not agree, and at which step; null is the job as a whole.'),
});
export type ExplainBody = z.output<typeof explainBody>;

export interface ExplainedJob {
  readonly job: JobView;
  readonly card: RateCard;
  readonly explained: CostExplanation;
}

export function toExplainBody({ job, card, explained }: ExplainedJob): ExplainBody {
  const { minimum, differences } = explained;
  return {
    job_id: job.id,
    state: job.state,
    rate_card_id: card.id,
    minimum_charge: formatCredits(card.minimumCharge),
    matches: explained.matches,
    steps: explained.steps.map(explainedStepBody),
    steps_sum: formatCredits(explained.stepsSum),
    minimum: { recomputed: formatCredits(minimum.recomputed), charged: formatCredits(minimum.charged) },
    recomputed: formatCredits(explained.recomputed),
    charge: formatCredits(explained.charge),
    captured: formatCredits(explained.captured),
    refunded: formatCredits(explained.refunded),
    net: formatCredits(explained.net),
    differences: differences.map(({ step, code, expected, found }) => ({
      step,
      code,
      expected: formatCredits(expected),
      found: formatCredits(found),
    })),
  };
}

function explainedStepBody(step: StepExplanation): z.output<typeof explainedStep> {
  return {
    step: step.ordinal,
    attempt: step.attempt,
    lines: linesBody(step.lines),
    rounding: formatExactCredits(step.rounding),
    priced: formatCredits(step.priced),
    written_off: formatCredits(step.writtenOff),
    bound_by: step.boundBy,
    recomputed: formatCredits(step.recomputed),
    charge: formatCredits(step.charge),
    captured: formatCredits(step.captured),
    matches: step.matches,
  };
}
