// Domain room. The two ends of a step that a bot's own agent does: the same holds, charges and fences as those of a
// step of ours. Only what the step is, and what it used, is the bot's word.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { formatMicroCredits, shortfall, subtract } from '../amounts/micro-credits.js';
import type { Outcome, Refusal } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Meters } from '../metering/meters.js';
import type { TokenNeed } from '../pricing/charge.js';
import type { RateCard } from '../pricing/rate-card.js';
import type { JobPosting } from './facts.js';
import type { JobState } from './job.js';
import { hasEnded } from './job.js';
import type { StageVerdict, StepReport } from './moves.js';
import type { ReportedThing } from './reported-kinds.js';
import { meaningOf, priceOfReported, priceOfBegun } from './reported-kinds.js';
import { beginForecast } from './begin-step.js';
import { endStep } from './end-step.js';
import type { StepGround } from './step-ground.js';

export interface BeginReportedOrder extends ReportedThing {
  readonly ordinal: number;
  readonly iteration: number;
  readonly card: RateCard;
  readonly need: TokenNeed;
  readonly heldByOthers: MicroCredits;
  /** Why whoever orders the steps says no. It is said here, for a call that was made before has its answer. */
  readonly blocked: Refusal | null;
}

export type BeginReportedResult = {
  readonly ordinal: number;
  readonly attempt: number;
  /** Set aside for this step alone, in micro-credits. */
  readonly held: string;
  readonly maxOutputTokens: number;
};

export function beginReported(ground: StepGround, order: BeginReportedOrder): Outcome<JobPosting<BeginReportedResult>> {
  const { job } = ground;
  if (job === null) return refuse({ code: 'job_not_found' });
  if (job.program !== 'reported') return refuse({ code: 'job_not_reported' });
  if (hasEnded(job.state)) return refuse({ code: 'job_ended', state: job.state });
  if (order.blocked !== null) return refuse(order.blocked);
  const { ordinal, iteration, heldByOthers, card, need } = order;
  if (iteration > job.maxIterations) {
    return refuse({ code: 'iterations_used_up', limit: job.maxIterations, asked: iteration });
  }
  const price = priceOfReported(card, order);
  if (!price.ok) return price;
  const { kind, stage } = meaningOf(order.kind);
  const begun = beginForecast(ground, {
    ordinal,
    iteration,
    kind,
    stage,
    price: price.value,
    inputBytes: 0,
    inputMessages: 0,
    need,
    heldByOthers,
    minimumCharge: card.minimumCharge,
  });
  if (!begun.ok) return overBudget(begun.refusal);
  const { posting: whole, worstCase } = begun.value;
  const { result, ...posting } = whole;
  if (result.outcome === 'ended_before') return refuse({ code: 'step_not_open', step: ordinal });
  // A whole budget that is set aside is everybody's: a step's own part is what it may cost, and the rest is for others.
  const held = job.reserve === 'full' ? worstCase : shortfall(posting.job?.held ?? job.held, heldByOthers);
  const { attempt, maxOutputTokens } = result;
  return accept({ ...posting, result: { ordinal, attempt, held: formatMicroCredits(held), maxOutputTokens } });
}

/** To a job under way its budget is one more thing that can run out. */
function overBudget(refusal: Refusal): Outcome<never> {
  if (refusal.code !== 'budget_too_small') return refuse(refusal);
  const { required, budget: available } = refusal;
  return refuse({
    code: 'credits_exhausted',
    limitSource: 'job_budget',
    required,
    available,
    resetsAt: null,
    options: [],
  });
}

export interface EndReportedOrder {
  readonly ordinal: number;
  readonly attempt: number;
  readonly card: RateCard;
  readonly meters: Meters;
  /** What was told could not be so, or nothing was told: bounded by what was asked for. */
  readonly unmetered: boolean;
  /** What a check or build said; null of everything else. */
  readonly green: boolean | null;
  readonly report: StepReport;
  readonly resultBytes: number;
  readonly providerRequestId: string | null;
  readonly latencyMs: number;
}

export type EndReportedResult =
  | {
      readonly outcome: 'ended';
      /** In micro-credits, all three. */
      readonly charge: string;
      readonly chargedSoFar: string;
      readonly budgetLeft: string;
    }
  /** Its attempt had been closed: what it cost is on record, and nothing else changed. */
  | { readonly outcome: 'late'; readonly jobState: JobState };

export function endReported(ground: StepGround, order: EndReportedOrder): Outcome<JobPosting<EndReportedResult>> {
  const { job, step } = ground;
  if (job === null) return refuse({ code: 'job_not_found' });
  if (job.program !== 'reported') return refuse({ code: 'job_not_reported' });
  const attempt = ground.attempts.find(({ number }) => number === order.attempt);
  if (step === null || attempt === undefined || attempt.state === 'ended') {
    return refuse({ code: 'step_not_open', step: order.ordinal });
  }
  const price = priceOfBegun(order.card, step);
  if (!price.ok) return price;
  const { card: _, green, ...told } = order;
  const ended = endStep(ground, {
    ...told,
    price: price.value,
    chargeClass: 'billable',
    fault: null,
    verdict: verdictOf(green),
    resultRef: null,
    region: null,
  });
  if (!ended.ok) return ended;
  const { result, ...posting } = ended.value;
  if (result.outcome === 'late') return accept({ ...posting, result: { outcome: 'late', jobState: job.state } });
  const { charge, maxCredits } = posting.job ?? job;
  return accept({
    ...posting,
    result: {
      outcome: 'ended',
      charge: result.charge,
      chargedSoFar: formatMicroCredits(charge),
      budgetLeft: formatMicroCredits(subtract(maxCredits, charge)),
    },
  });
}

function verdictOf(green: boolean | null): StageVerdict {
  if (green === null) return 'go_on';
  return green ? 'approved' : 'changes_requested';
}
