// Domain room. A step's two ends. It begins with its worst case held, and ends with what it used captured. At most
// one attempt of a step is open; an end that comes late writes what it cost us and moves no money.
import {
  add,
  formatCredits,
  formatMicroCredits,
  largest,
  shortfall,
  smallest,
  subtract,
  ZERO,
  type MicroCredits,
} from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import type { Hold } from '../ledger/hold.js';
import { heldOf } from '../ledger/hold.js';
import { capture, holdAfresh } from '../ledger/hold-verbs.js';
import { reachOf } from '../ledger/reach.js';
import type { ScopeSnapshot } from '../ledger/scope.js';
import { NO_CHANGES } from '../ledger/scope.js';
import type { Meters } from '../metering/meters.js';
import { areMeters } from '../metering/meters.js';
import { chargeOf, forecastStep, inputTokensUpTo, realCostOf } from '../pricing/charge.js';
import type { TokenNeed } from '../pricing/charge.js';
import type { StepPrice } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import { shareOf } from './shares.js';
import { closeOpenAttempts, newAttempt } from './attempts.js';
import type { AttemptFacts, JobFacts, JobPosting, StepFacts } from './facts.js';
import type { Stage, StepKind } from './job.js';
import { asksModel, hasEnded } from './job.js';
import type { StageVerdict, StepOutcome, StepReport } from './moves.js';
import { NO_REPORT, STAGE_OUTPUT_TOKENS } from './moves.js';
import { reserved } from './reserve.js';

export interface StepGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
  readonly job: JobFacts | null;
  readonly hold: Hold | null;
  readonly step: StepFacts | null;
  readonly attempts: readonly AttemptFacts[];
}

export interface BeginStepOrder {
  readonly ordinal: number;
  readonly iteration: number;
  readonly stage: Stage;
  readonly kind: StepKind;
  readonly price: StepPrice;
  /** What the request to the provider carries, in bytes and messages: the bound of its input. */
  readonly inputBytes: number;
  readonly inputMessages: number;
  readonly minimumCharge: MicroCredits;
  /** What a bot with an agent of its own says that it will use, instead of what our stages use. */
  readonly need?: TokenNeed;
  /** What is set aside for other steps of the job that are under way. */
  readonly heldByOthers?: MicroCredits;
}

export type BeginStepResult =
  | { readonly outcome: 'begun'; readonly attempt: number; readonly maxOutputTokens: number }
  | ({ readonly outcome: 'ended_before'; readonly charge: string } & StepOutcome);

export function beginStep(ground: StepGround, order: BeginStepOrder): Outcome<JobPosting<BeginStepResult>> {
  const { job, at } = ground;
  if (job === null || ground.hold === null) return refuse({ code: 'job_not_found' });
  if (ground.step?.state === 'ended') return accept(answerEndedStep(ground.step));
  if (hasEnded(job.state)) return refuse({ code: 'job_ended', state: job.state });
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: order.ordinal });
  const budgetLeft = subtract(job.maxCredits, job.charge);
  const { hold } = ground;
  const reach = reachOf(book, { before: hold, payer: hold.payer, limits: book.limits(hold.limitRefs) });
  const { heldByOthers = ZERO } = order;
  const ceiling = shortfall(smallest(budgetLeft, reach.amount), heldByOthers);
  const forecast = forecastStep(order.price, order.need ?? needOf(order), ceiling);
  if ('needs' in forecast) {
    const needs = add(forecast.needs, heldByOthers);
    return needs > budgetLeft
      ? refuse({ code: 'budget_too_small', required: needs, budget: budgetLeft })
      : refuse(reach.refusalOf(needs));
  }
  const forSteps = add(reserved(job.reserve, forecast.hold, ceiling), heldByOthers);
  const target = largest(forSteps, shortfall(order.minimumCharge, job.charge));
  const held = holdAfresh(book, { holdId: hold.id, jobId: job.id, target });
  if (!held.ok) return held;
  const number = Math.max(0, ...ground.attempts.map((attempt) => attempt.number)) + 1;
  const step: StepFacts = ground.step ?? {
    jobId: job.id,
    ordinal: order.ordinal,
    iteration: order.iteration,
    kind: order.kind,
    stage: order.stage,
    ...pricedThing(order.price),
    state: 'running',
    chargeClass: null,
    charge: ZERO,
    paidFrom: [],
    writtenOff: ZERO,
    verdict: null,
    report: NO_REPORT,
    resultRef: null,
    resultBytes: 0,
    startedAt: at,
    endedAt: null,
  };
  return accept({
    result: { outcome: 'begun', attempt: number, maxOutputTokens: forecast.maxOutputTokens },
    changes: book.changes(),
    job: {
      ...job,
      state: 'running',
      iteration: Math.max(job.iteration, order.iteration),
      startedAt: job.startedAt ?? at,
      held: target,
      waiting: null,
    },
    steps: [step],
    // A predecessor is closed before its successor opens: the table allows one open attempt.
    attempts: [
      ...closeOpenAttempts(ground.attempts, at),
      newAttempt({ jobId: job.id, ordinal: order.ordinal, number }, at),
    ],
    events: [
      {
        type: 'step.started',
        job_id: job.id,
        step: order.ordinal,
        iteration: order.iteration,
        stage: order.stage,
        kind: order.kind,
        attempt: number,
        held: formatCredits(target),
      },
    ],
  });
}

function needOf({ stage, inputBytes, inputMessages }: BeginStepOrder): TokenNeed | null {
  if (!asksModel(stage)) return null;
  return { inputTokens: inputTokensUpTo(inputBytes, inputMessages), outputTokens: STAGE_OUTPUT_TOKENS[stage] };
}

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
    realCost: realCostOf(order.price, order.meters),
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
    events: [
      {
        type: 'step.ended',
        job_id: job.id,
        step: step.ordinal,
        iteration: step.iteration,
        stage: step.stage,
        kind: step.kind,
        charge: formatCredits(paid),
        charge_class: order.chargeClass,
        verdict: order.verdict,
        charged_so_far: formatCredits(charge),
        input_tokens: order.meters.input + order.meters.cachedInput + order.meters.cacheWrite,
        output_tokens: order.meters.output + order.meters.reasoning,
      },
    ],
  });
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
    realCost: realCostOf(order.price, order.meters),
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

function pricedThing(price: StepPrice): Pick<StepFacts, 'model' | 'tool'> {
  return price.pricedBy === 'tokens'
    ? { model: price.price.model, tool: null }
    : { model: null, tool: price.price.item };
}

export function attemptOf(ground: StepGround, number: number): AttemptFacts {
  const attempt = ground.attempts.find((candidate) => candidate.number === number);
  invariant(attempt !== undefined, 'hold.ends-once', `attempt ${number} of a step was never begun`);
  return attempt;
}

/** What a closed attempt used is kept; the meters of one that ended by itself are what its charge was made from. */
export function answerLate(known: AttemptFacts, measured: AttemptFacts): JobPosting<{ readonly outcome: 'late' }> {
  return {
    result: { outcome: 'late' },
    changes: NO_CHANGES,
    job: null,
    steps: [],
    attempts: known.state === 'closed' ? [measured] : [],
    events: [],
  };
}

function answerEndedStep(step: StepFacts): JobPosting<BeginStepResult> {
  return {
    result: {
      outcome: 'ended_before',
      verdict: step.verdict ?? 'go_on',
      report: step.report,
      charge: formatMicroCredits(step.charge),
    },
    changes: NO_CHANGES,
    job: null,
    steps: [],
    attempts: [],
    events: [],
  };
}
