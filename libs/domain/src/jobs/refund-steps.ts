// Domain room. A refund names steps, not lots: what each of them paid goes back to where it came from. Automatic
// refunds, support and reviews all take from the same shares, so together they never pass what was charged (F14).
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Hold } from '../ledger/hold.js';
import type { ReversedPart, ReverseOrder } from '../ledger/lot-verbs.js';
import type { JobFacts, JobPosting, StepFacts } from './facts.js';
import type { RefundGround, RefundResult } from './refund.js';
import { refundJob } from './refund.js';
import { leftOf, Refundable } from './shares.js';

/** All steps of the job: whether one is its last billable one shows only beside the others. */
export interface StepRefundGround extends RefundGround {
  readonly steps: readonly StepFacts[];
}

export type StepRefundOrder = Pick<ReverseOrder, 'form' | 'compensation'> & { readonly ordinals: readonly number[] };

export interface StepRefund {
  readonly amount: MicroCredits;
  readonly minimum: MicroCredits;
  readonly steps: readonly { readonly ordinal: number; readonly amount: MicroCredits }[];
}

/** As much of a step as says what could come back of it. */
export type RefundableStep = Pick<StepFacts, 'ordinal' | 'kind' | 'chargeClass' | 'paidFrom'>;

/** What is looked at to say what could come back: also by whoever only asks, of a job that nobody has locked. */
export interface RefundableFacts<
  Job extends Pick<JobFacts, 'minimumPaidFrom'> = JobFacts,
  Step extends RefundableStep = StepFacts,
> {
  readonly job: Job | null;
  readonly hold: Pick<Hold, 'lines'> | null;
  readonly steps: readonly Step[];
}

interface Planned<Job, Step> {
  readonly refund: StepRefund;
  readonly job: Job;
  readonly steps: readonly Step[];
  readonly parts: readonly ReversedPart[];
}

/** What the order comes to, as things stand; the same figures a cap is held against and a preview shows. */
export function planStepRefund<Job extends Pick<JobFacts, 'minimumPaidFrom'>, Step extends RefundableStep>(
  ground: RefundableFacts<Job, Step>,
  ordinals: readonly number[],
): Planned<Job, Step> | null {
  const { job, hold } = ground;
  if (job === null || hold === null) return null;
  const refundable = new Refundable(hold);
  const wanted = new Set(ordinals);
  const taken = ground.steps
    .filter((step) => wanted.has(step.ordinal))
    .map((step) => ({ step, ...refundable.take(step.paidFrom, step.ordinal) }))
    .filter(({ amount }) => amount > 0n);
  const after = new Map(taken.map(({ step, shares }) => [step.ordinal, { ...step, paidFrom: shares }]));
  // The refund of the last billable step takes the smallest charge along; a partial one leaves it (2.3, edge 46).
  const isGivenBack = (step: Step): boolean => {
    const { paidFrom } = after.get(step.ordinal) ?? step;
    return leftOf(paidFrom) === 0n && (wanted.has(step.ordinal) || paidFrom.length > 0);
  };
  const nothingLeft = ground.steps.filter(isBillable).every(isGivenBack);
  const named = ground.steps.some((step) => isBillable(step) && wanted.has(step.ordinal));
  const minimum = nothingLeft && named ? refundable.take(job.minimumPaidFrom) : null;
  const steps = taken.map(({ step, amount }) => ({ ordinal: step.ordinal, amount }));
  return {
    refund: {
      amount: add(ZERO, ...steps.map(({ amount }) => amount), minimum?.amount ?? ZERO),
      minimum: minimum?.amount ?? ZERO,
      steps,
    },
    job: minimum === null ? job : { ...job, minimumPaidFrom: minimum.shares },
    steps: [...after.values()],
    parts: [...taken.flatMap(({ parts }) => parts), ...(minimum?.parts ?? [])],
  };
}

const isBillable = (step: RefundableStep): boolean => step.chargeClass === 'billable' && step.kind !== 'packaging';

export function refundSteps(ground: StepRefundGround, order: StepRefundOrder): Outcome<JobPosting<RefundResult>> {
  const planned = planStepRefund(ground, order.ordinals);
  if (planned === null) return refuse({ code: 'job_not_found' });
  const { form, compensation } = order;
  const refunded = refundJob(
    { ...ground, job: planned.job },
    { form, compensation, parts: planned.parts, stepOrdinal: null },
  );
  return refunded.ok ? accept({ ...refunded.value, steps: planned.steps }) : refunded;
}
