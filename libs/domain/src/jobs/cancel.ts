// Domain room. A step that was stopped in the middle of its work, because its job was cancelled or met its deadline: it
// costs what the provider had produced until the stop took effect, at most what was held for it (F21).
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, formatMicroCredits, shortfall, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import { capture } from '../ledger/hold-verbs.js';
import type { Meters } from '../metering/meters.js';
import { areMeters } from '../metering/meters.js';
import { chargeOf } from '../pricing/charge.js';
import type { StepPrice } from '../pricing/rate-card.js';
import type { AttemptFacts, JobPosting } from './facts.js';
import { shareOf } from './shares.js';
import type { StepGround } from './step-ground.js';
import { answerLate, attemptOf, realCostOfJob } from './step-ground.js';

export interface EndCancelledOrder {
  readonly ordinal: number;
  readonly attempt: number;
  readonly price: StepPrice;
  /** Nothing at all where nothing had come when the stop took effect: then nobody was charged for anything. */
  readonly meters: Meters;
  readonly unmetered: boolean;
  /** What there is of the answer, kept like a whole one. */
  readonly resultRef: string | null;
  readonly resultBytes: number;
  readonly providerRequestId: string | null;
  readonly region: string | null;
  readonly latencyMs: number;
}

export type EndCancelledResult =
  { readonly outcome: 'cancelled'; readonly charge: string } | { readonly outcome: 'late' };

export function endCancelled(ground: StepGround, order: EndCancelledOrder): Outcome<JobPosting<EndCancelledResult>> {
  const { job, step, hold, at } = ground;
  if (job === null || step === null || hold === null) return refuse({ code: 'job_not_found' });
  const { meters } = order;
  if (!areMeters(meters)) return refuse({ code: 'amount_out_of_range', field: 'meters' });
  const attempt = attemptOf(ground, order.attempt);
  const measured: AttemptFacts = {
    ...attempt,
    meters,
    unmetered: order.unmetered,
    providerRequestId: order.providerRequestId,
    region: order.region,
    latencyMs: order.latencyMs,
    realCost: realCostOfJob(job, order.price, meters),
    endedAt: attempt.endedAt ?? at,
  };
  if (attempt.state !== 'open') return accept(answerLate(attempt, measured));
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: order.ordinal });
  // Never beyond the hold: whoever stops a step must not pay more than they were told it could cost.
  const captured = capture(book, {
    holdId: hold.id,
    amount: chargeOf(order.price, meters),
    mayOverrunBy: ZERO,
  });
  if (!captured.ok) return captured;
  const { paid, paidFrom, writtenOff } = captured.value;
  const chargeClass = usedAnything(meters) ? 'billable' : 'user_fault';
  const charge: MicroCredits = add(job.charge, paid);
  return accept({
    result: { outcome: 'cancelled', charge: formatMicroCredits(paid) },
    changes: book.changes(),
    job: {
      ...job,
      charge,
      writtenOff: add(job.writtenOff, writtenOff),
      held: shortfall(job.held, paid),
      billableSteps: job.billableSteps + (chargeClass === 'billable' ? 1 : 0),
    },
    steps: [
      {
        ...step,
        state: 'abandoned',
        chargeClass,
        charge: paid,
        paidFrom: paidFrom.map(shareOf),
        writtenOff,
        resultRef: order.resultRef,
        resultBytes: order.resultBytes,
        endedAt: at,
      },
    ],
    attempts: [{ ...measured, state: 'ended', chargeClass, fault: CANCELLED }],
    events: [
      {
        type: 'step.cancelled',
        job_id: job.id,
        step: step.ordinal,
        iteration: step.iteration,
        stage: step.stage,
        kind: step.kind,
        charge: formatCredits(paid),
        charge_class: chargeClass,
        charged_so_far: formatCredits(charge),
        input_tokens: meters.input + meters.cachedInput + meters.cacheWrite,
        output_tokens: meters.output + meters.reasoning,
      },
    ],
  });
}

const CANCELLED = 'cancelled';

function usedAnything({ input, cachedInput, cacheWrite, output, reasoning }: Meters): boolean {
  return input + cachedInput + cacheWrite + output + reasoning > 0;
}
