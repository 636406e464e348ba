// API room. The steps of a job page by page, and the attempts of one of them.
import type { RateCard } from '@fairmeter/domain';
import type { JobView, RefundView, StepView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { attemptBody, refundedBySteps, stepBody, toAttemptBody, toStepBody } from './step-body.js';

const listedStep = stepBody
  .omit({ attempts: true })
  .extend({ attempts: z.int().describe('How many; they are at `/steps/{step}/attempts`.') });

export const stepsBody = z.object({ data: z.array(listedStep), next_cursor: z.string().nullable() });
export type StepsBody = z.output<typeof stepsBody>;

export const attemptsBody = z.object({ step: listedStep, data: z.array(attemptBody) });
export type AttemptsBody = z.output<typeof attemptsBody>;

/** Steps of one job with what they are shown beside. */
export interface StepsOfJob {
  readonly job: JobView;
  readonly card: RateCard;
  readonly refunds: readonly RefundView[];
}

export function toStepsBody(steps: readonly StepView[], of: StepsOfJob, nextCursor: string | null): StepsBody {
  return { data: steps.map((step) => listedBody(step, of)), next_cursor: nextCursor };
}

export function toAttemptsBody(step: StepView, of: StepsOfJob): AttemptsBody {
  return { step: listedBody(step, of), data: step.attempts.map((tried) => toAttemptBody(tried, step, of.card)) };
}

function listedBody(step: StepView, { job, card, refunds }: StepsOfJob): z.output<typeof listedStep> {
  const shown = toStepBody(step, { jobId: job.id, card, refunded: refundedBySteps(refunds) });
  return { ...shown, attempts: step.attempts.length };
}
