// Domain room. How a step ends: with what it used captured, or its attempt failed by a fault that is not the user's. An
// end that comes late writes what it cost us and moves no money.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, formatMicroCredits, shortfall, subtract, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import { heldOf } from '../ledger/hold.js';
import { capture } from '../ledger/hold-verbs.js';
import { NO_CHANGES } from '../ledger/scope.js';
import type { Meters } from '../metering/meters.js';
import { areMeters } from '../metering/meters.js';
import { chargeOf } from '../pricing/charge.js';
import type { StepPrice } from '../pricing/rate-card.js';
import type { JobEvent } from './events.js';
import type { AttemptFacts, JobPosting, StepFacts } from './facts.js';
import type { StageVerdict, StepOutcome, StepReport } from './moves.js';
import { shareOf } from './shares.js';
import type { StepGround } from './step-ground.js';
import { answerLate, attemptOf, realCostOfJob } from './step-ground.js';

export interface EndStepOrder {
  readonly ordinal: number;
  readonly attempt: number;
  readonly price: StepPrice;
  readonly meters: Meters;
  readonly unmetered: boolean;
  /** What failed by a fault of ours ends its step as well once trying again is of no use: uncharged. */
  readonly chargeClass: 'billable' | 'platform_fault';
  readonly fault: string | null;
  readonly verdict: StageVerdict;
  readonly report: StepReport;
  readonly resultRef: string | null;
  readonly resultBytes: number;
  readonly providerRequestId: string | null;
  readonly region: string | null;
  readonly latencyMs: number;
}

export type EndStepResult =
  ({ readonly outcome: 'ended'; readonly charge: string } & StepOutcome) | { readonly outcome: 'late' };

export function endStep(ground: StepGround, order: EndStepOrder): Outcome<JobPosting<EndStepResult>> {
  const { job, step, hold, at } = ground;
  if (job === null || step === null || hold === null) return refuse({ code: 'job_not_found' });
  if (!areMeters(order.meters)) return refuse({ code: 'amount_out_of_range', field: 'meters' });
  const attempt = attemptOf(ground, order.attempt);
  const measured: AttemptFacts = {
    ...attempt,
    meters: order.meters,
    unmetered: order.unmetered,
    providerRequestId: order.providerRequestId,
    region: order.region,
    latencyMs: order.latencyMs,
    realCost: realCostOfJob(job, order.price, order.meters),
    endedAt: attempt.endedAt ?? at,
  };
  if (attempt.state !== 'open') return accept(answerLate(attempt, measured));
  const isBillable = order.chargeClass === 'billable';
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: order.ordinal });
  const budgetLeft = subtract(job.maxCredits, job.charge);
  const captured = capture(book, {
    holdId: hold.id,
    amount: isBillable ? chargeOf(order.price, order.meters) : ZERO,
    mayOverrunBy: shortfall(budgetLeft, heldOf(hold)),
  });
  if (!captured.ok) return captured;
  const { paid, paidFrom, writtenOff } = captured.value;
  const charge = add(job.charge, paid);
  return accept({
    result: { outcome: 'ended', verdict: order.verdict, report: order.report, charge: formatMicroCredits(paid) },
    changes: book.changes(),
    job: {
      ...job,
      charge,
      writtenOff: add(job.writtenOff, writtenOff),
      held: shortfall(job.held, paid),
      stepsEnded: job.stepsEnded + 1,
      // Packing the files is no reason for a smallest charge (requirements 2.3).
      billableSteps: job.billableSteps + (isBillable && step.kind !== 'packaging' ? 1 : 0),
    },
    steps: [
      {
        ...step,
        state: 'ended',
        chargeClass: order.chargeClass,
        charge: paid,
        paidFrom: paidFrom.map(shareOf),
        writtenOff,
        verdict: order.verdict,
        report: order.report,
        resultRef: order.resultRef,
        resultBytes: order.resultBytes,
        endedAt: at,
      },
    ],
    attempts: [{ ...measured, state: 'ended', chargeClass: order.chargeClass, fault: order.fault }],
    events: [endedEvent(step, order, { paid, charge })],
  });
}

function endedEvent(
  step: StepFacts,
  { chargeClass, verdict, meters }: EndStepOrder,
  { paid, charge }: { readonly paid: MicroCredits; readonly charge: MicroCredits },
): JobEvent {
  return {
    type: 'step.ended',
    job_id: step.jobId,
    step: step.ordinal,
    iteration: step.iteration,
    stage: step.stage,
    kind: step.kind,
    charge: formatCredits(paid),
    charge_class: chargeClass,
    verdict,
    charged_so_far: formatCredits(charge),
    input_tokens: meters.input + meters.cachedInput + meters.cacheWrite,
    output_tokens: meters.output + meters.reasoning,
  };
}

export interface FailAttemptOrder {
  readonly ordinal: number;
  readonly attempt: number;
  readonly price: StepPrice;
  readonly fault: string;
  readonly meters: Meters;
  readonly providerRequestId: string | null;
  readonly latencyMs: number;
}

export interface FailAttemptResult {
  readonly outcome: 'failed' | 'late';
}

/** A fault that is not the user's ends the attempt uncharged; what it used stays on record. The step may try again. */
export function failAttempt(ground: StepGround, order: FailAttemptOrder): Outcome<JobPosting<FailAttemptResult>> {
  const { job, at } = ground;
  if (job === null || ground.step === null) return refuse({ code: 'job_not_found' });
  if (!areMeters(order.meters)) return refuse({ code: 'amount_out_of_range', field: 'meters' });
  const attempt = attemptOf(ground, order.attempt);
  const measured: AttemptFacts = {
    ...attempt,
    meters: order.meters,
    providerRequestId: order.providerRequestId,
    latencyMs: order.latencyMs,
    realCost: realCostOfJob(job, order.price, order.meters),
    endedAt: attempt.endedAt ?? at,
  };
  if (attempt.state !== 'open') return accept(answerLate(attempt, measured));
  return accept({
    result: { outcome: 'failed' },
    changes: NO_CHANGES,
    job: null,
    steps: [],
    attempts: [{ ...measured, state: 'ended', chargeClass: 'platform_fault', fault: order.fault }],
    events: [
      {
        type: 'attempt.failed',
        job_id: job.id,
        step: order.ordinal,
        attempt: order.attempt,
        fault: order.fault,
        charge: formatCredits(ZERO),
      },
    ],
  });
}
