// Domain room. The figures of one job that its tips are told by, from what is stored of it.
import type { CostedAttempt } from '../costs/costed-job.js';
import { billableAttempts } from '../costs/costed-job.js';
import { sumMeters } from '../costs/totals.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { ChargeClass, RequestKind, Stage, StepKind } from '../jobs/job.js';
import type { StageVerdict } from '../jobs/moves.js';
import type { LoopCause } from '../loops/finding.js';
import type { StepRef } from '../loops/observed-step.js';
import type { TokenMeters } from '../metering/meters.js';
import { relativeCostInTenths } from '../pricing/catalogue.js';
import type { RateCard } from '../pricing/rate-card.js';
import { priceOf } from '../pricing/rate-card.js';
import type { JobMeasures } from './tips.js';

interface MeasuredStep {
  readonly ordinal: number;
  readonly kind: StepKind;
  readonly stage: Stage;
  readonly chargeClass: ChargeClass | null;
  readonly model: string | null;
  readonly verdict: StageVerdict | null;
  readonly attempts: readonly CostedAttempt[];
}

/** As it was found; the evidence as it was written down, also by a release that wrote less of it. */
interface MeasuredLoop {
  readonly number: number;
  readonly cause: LoopCause;
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface MeasuredJob {
  readonly job: {
    readonly id: string;
    readonly requestKind: RequestKind;
    readonly model: string;
    readonly threadId: string | null;
    readonly contextBytes: number;
    readonly contextTokens: number;
    readonly charge: MicroCredits;
    readonly maxCredits: MicroCredits;
  };
  readonly steps: readonly MeasuredStep[];
  readonly findings: readonly MeasuredLoop[];
}

export interface BesideJob {
  readonly card: RateCard;
  readonly outputFiles: number;
  readonly askedBefore: number;
  /** What staff said of its loops since, by the numbers of the findings. */
  readonly saidCauses: ReadonlyMap<number, { readonly cause: LoopCause }>;
}

export function measureJob(
  measured: MeasuredJob,
  { card, outputFiles, askedBefore, saidCauses }: BesideJob,
): JobMeasures {
  const { job, steps } = measured;
  const used = sumMeters(steps.flatMap((step) => billableAttempts(step).map(({ meters }) => meters)));
  const price = priceOf(card, job.model);
  const ours = repeatedByUs(measured, saidCauses);
  return {
    outputFiles,
    askedBefore,
    requestKind: job.requestKind,
    clarifications: steps.filter(({ kind }) => kind === 'clarification').length,
    modelCostTenths: price === undefined ? 0 : Number(relativeCostInTenths(price, card)),
    tokens: readTokens(used) + used.output + used.reasoning,
    repeatedUncachedTokens: repeatedUncached(steps),
    historyPercent: job.threadId === null ? null : historyPercent(steps, job.contextTokens),
    contextBytes: job.contextBytes,
    redChecks: steps.filter((step) => isRedCheck(step) && !ours.has(step.ordinal)).length,
    budgetPercent: job.maxCredits === 0n ? 0 : Number((100n * job.charge) / job.maxCredits),
  };
}

/** What our own tool failed to look at says nothing of the files, and neither does a ZIP that would be too large. */
function isRedCheck({ stage, chargeClass, verdict }: MeasuredStep): boolean {
  const isCheck = stage === 'check' || stage === 'preview';
  return isCheck && chargeClass === 'billable' && verdict === 'changes_requested';
}

/** Steps that a loop of ours repeated: of whose fault it was, the last word counts. */
function repeatedByUs({ job, findings }: MeasuredJob, saidCauses: BesideJob['saidCauses']): ReadonlySet<number> {
  const ours = findings.filter(({ number, cause }) => (saidCauses.get(number)?.cause ?? cause) === 'platform_fault');
  const repeats = ours.flatMap(({ evidence: { repeats: all } }): readonly unknown[] => (Array.isArray(all) ? all : []));
  const own = repeats.filter(isStepRef).filter(({ jobId }) => jobId === job.id);
  return new Set(own.map(({ ordinal }) => ordinal));
}

function isStepRef(value: unknown): value is StepRef {
  if (typeof value !== 'object' || value === null) return false;
  return 'jobId' in value && 'ordinal' in value && typeof value.ordinal === 'number';
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
