// Domain room. The figures of one job that its tips are told by, from what is stored of it.
import type { CostedAttempt } from '../costs/costed-job.js';
import { billableAttempts } from '../costs/costed-job.js';
import { sumMeters } from '../costs/totals.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { ChargeClass, RequestKind, Stage, StepKind } from '../jobs/job.js';
import type { StageVerdict } from '../jobs/moves.js';
import type { TokenMeters } from '../metering/meters.js';
import { relativeCostInTenths } from '../pricing/catalogue.js';
import type { RateCard } from '../pricing/rate-card.js';
import { priceOf } from '../pricing/rate-card.js';
import type { JobMeasures } from './tips.js';

interface MeasuredStep {
  readonly kind: StepKind;
  readonly stage: Stage;
  readonly chargeClass: ChargeClass | null;
  readonly model: string | null;
  readonly verdict: StageVerdict | null;
  readonly attempts: readonly CostedAttempt[];
}

export interface MeasuredJob {
  readonly job: {
    readonly requestKind: RequestKind;
    readonly model: string;
    readonly threadId: string | null;
    readonly contextBytes: number;
    readonly contextTokens: number;
    readonly charge: MicroCredits;
    readonly maxCredits: MicroCredits;
  };
  readonly steps: readonly MeasuredStep[];
}

export interface BesideJob {
  readonly card: RateCard;
  readonly outputFiles: number;
  readonly askedBefore: number;
}

export function measureJob({ job, steps }: MeasuredJob, { card, ...beside }: BesideJob): JobMeasures {
  const used = sumMeters(steps.flatMap((step) => billableAttempts(step).map(({ meters }) => meters)));
  const price = priceOf(card, job.model);
  return {
    ...beside,
    requestKind: job.requestKind,
    clarifications: steps.filter(({ kind }) => kind === 'clarification').length,
    modelCostTenths: price === undefined ? 0 : Number(relativeCostInTenths(price, card)),
    tokens: readTokens(used) + used.output + used.reasoning,
    repeatedUncachedTokens: repeatedUncached(steps),
    historyPercent: job.threadId === null ? null : historyPercent(steps, job.contextTokens),
    contextBytes: job.contextBytes,
    redChecks: steps.filter(isRedCheck).length,
    budgetPercent: job.maxCredits === 0n ? 0 : Number((100n * job.charge) / job.maxCredits),
  };
}

/** What our own tool failed to look at says nothing of the files, and neither does a ZIP that would be too large. */
function isRedCheck({ stage, chargeClass, verdict }: MeasuredStep): boolean {
  const isCheck = stage === 'check' || stage === 'preview';
  return isCheck && chargeClass === 'billable' && verdict === 'changes_requested';
}

function readTokens({ input, cachedInput, cacheWrite }: TokenMeters): number {
  return input + cachedInput + cacheWrite;
}

/** Every call of a model after its first could have read the system text from a cache. */
function repeatedUncached(steps: readonly MeasuredStep[]): number {
  const called = new Set<string>();
  let tokens = 0;
  for (const step of steps) {
    if (step.model === null) continue;
    for (const { meters } of billableAttempts(step)) {
      if (called.has(step.model)) tokens += Math.max(0, meters.system - meters.cachedInput);
      called.add(step.model);
    }
  }
  return tokens;
}

/** What each call read beyond system context and the request itself came from what was said before. */
function historyPercent(steps: readonly MeasuredStep[], requestTokens: number): number {
  const calls = steps.flatMap((step) => (step.model === null ? [] : billableAttempts(step)));
  const read = calls.reduce((sum, { meters }) => sum + readTokens(meters), 0);
  const history = calls.reduce(
    (sum, { meters }) => sum + Math.max(0, readTokens(meters) - meters.system - requestTokens),
    0,
  );
  return read === 0 ? 0 : Math.floor((100 * history) / read);
}
