// Domain room. How a step begins: with its worst case held afresh, and at most one attempt of it open.
import {
  add,
  formatCredits,
  formatMicroCredits,
  largest,
  shortfall,
  smallest,
  subtract,
  ZERO,
} from '../amounts/micro-credits.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import { holdAfresh } from '../ledger/hold-verbs.js';
import { reachOf } from '../ledger/reach.js';
import { forecastStep, inputTokensUpTo } from '../pricing/charge.js';
import type { TokenNeed } from '../pricing/charge.js';
import type { StepPrice } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import { closeOpenAttempts, newAttempt } from './attempts.js';
import type { JobFacts, JobPosting, StepFacts } from './facts.js';
import { answerOnly } from './facts.js';
import type { Stage, StepKind } from './job.js';
import { asksModel, hasEnded } from './job.js';
import type { StepOutcome } from './moves.js';
import { NO_REPORT, STAGE_OUTPUT_TOKENS } from './moves.js';
import { reserved } from './reserve.js';
import type { StepGround } from './step-ground.js';

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
  const begun = beginForecast(ground, order);
  return begun.ok ? accept(begun.value.posting) : begun;
}

export interface BegunStep {
  readonly posting: JobPosting<BeginStepResult>;
  /** The most that the step may cost: of what its job sets aside, all that is set aside for it alone. */
  readonly worstCase: MicroCredits;
}

export function beginForecast(ground: StepGround, order: BeginStepOrder): Outcome<BegunStep> {
  const { job, at } = ground;
  if (job === null || ground.hold === null) return refuse({ code: 'job_not_found' });
  if (ground.step?.state === 'ended') return accept({ posting: answerEndedStep(ground.step), worstCase: ZERO });
  if (hasEnded(job.state)) return refuse({ code: 'job_ended', state: job.state });
  // It was stopped, and what it cost is settled: a try that comes after must not cost as much again.
  if (ground.step?.state === 'abandoned') return accept({ posting: answerEndedStep(ground.step), worstCase: ZERO });
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
  const step = ground.step ?? newStep(job, order, at);
  const posting: JobPosting<BeginStepResult> = {
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
  };
  return accept({ posting, worstCase: forecast.hold });
}

function needOf({ stage, inputBytes, inputMessages }: BeginStepOrder): TokenNeed | null {
  if (!asksModel(stage)) return null;
  return { inputTokens: inputTokensUpTo(inputBytes, inputMessages), outputTokens: STAGE_OUTPUT_TOKENS[stage] };
}

function newStep(job: JobFacts, order: BeginStepOrder, at: Instant): StepFacts {
  return {
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
}

function pricedThing(price: StepPrice): Pick<StepFacts, 'model' | 'tool'> {
  return price.pricedBy === 'tokens'
    ? { model: price.price.model, tool: null }
    : { model: null, tool: price.price.item };
}

function answerEndedStep(step: StepFacts): JobPosting<BeginStepResult> {
  return answerOnly({
    outcome: 'ended_before',
    verdict: step.verdict ?? 'go_on',
    report: step.report,
    charge: formatMicroCredits(step.charge),
  });
}
