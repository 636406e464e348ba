// Domain room. What would make the next request cheaper, told only where a measurement says so: the figures, from which
// of them on a tip is given, and nothing else. Tips advise; none of them changes a charge or stops a job.
import type { RequestKind } from '../jobs/job.js';

/** Of one job. */
export interface JobMeasures {
  readonly requestKind: RequestKind;
  readonly clarifications: number;
  /** Files of its answer. */
  readonly outputFiles: number;
  /** Its model beside the cheapest of its card, in tenths: 10 is the cheapest itself. */
  readonly modelCostTenths: number;
  /** All that models read and wrote for it. */
  readonly tokens: number;
  /** System context that came again in a later call and was read at the full price. */
  readonly repeatedUncachedTokens: number;
  /** Of what its models read: neither system context nor this request. Null where it belongs to no thread. */
  readonly historyPercent: number | null;
  readonly contextBytes: number;
  /** Checks and builds that were charged and asked for changes. */
  readonly redChecks: number;
  readonly budgetPercent: number;
  /** How often the same bot was asked for exactly the same shortly before. */
  readonly askedBefore: number;
}

/** Of the jobs of an account over a stretch of time. */
export interface WorkMeasures {
  readonly chargedJobs: number;
  /** Jobs that cost no more than the smallest charge. */
  readonly tinyJobs: number;
  /** Jobs that failed by their own work: not by a fault of ours or of a provider, and not for want of credits. */
  readonly failedJobs: number;
  /** Jobs that ended because budget or credits did. */
  readonly cutShortJobs: number;
  /** Jobs for which the same bot had been asked for exactly the same before. */
  readonly repeatedJobs: number;
  /** The dearest job beside the average, in percent. */
  readonly dearestPercent: number;
}

export const TIP_CODES = [
  'be_specific',
  'split_large_task',
  'fit_model',
  'reuse_prefix',
  'select_less',
  'join_small_tasks',
  'fix_errors_early',
  'explain_first',
  'review_first',
  'fresh_thread',
  'watch_usage',
  'learn_from_costly',
] as const;
export type TipCode = (typeof TIP_CODES)[number];

export interface TipRule<M, C extends string = TipCode> {
  readonly code: C;
  /** Names the figure for those who read the answer. */
  readonly measure: string;
  /** The tip is given from this figure on. */
  readonly from: number;
  readonly figure: (measured: M) => number;
}

export interface Tip<C extends string = TipCode> {
  readonly code: C;
  readonly measure: string;
  readonly figure: number;
  readonly from: number;
}

/** A request as small as this needs no dear model. */
const SMALL_REQUEST_TOKENS = 2_000;
/** Below so few jobs the dearest says nothing about the others. */
const JOBS_TO_COMPARE = 20;

/** The one table of thresholds, for a job. */
export const JOB_TIPS: readonly TipRule<JobMeasures>[] = [
  { code: 'be_specific', measure: 'clarifications', from: 2, figure: (job) => job.clarifications },
  { code: 'split_large_task', measure: 'output_files', from: 21, figure: (job) => job.outputFiles },
  {
    code: 'fit_model',
    measure: 'model_cost_tenths',
    from: 30,
    figure: (job) => (job.tokens <= SMALL_REQUEST_TOKENS ? job.modelCostTenths : 0),
  },
  {
    code: 'reuse_prefix',
    measure: 'repeated_uncached_tokens',
    from: 4_000,
    figure: (job) => job.repeatedUncachedTokens,
  },
  { code: 'select_less', measure: 'context_bytes', from: 40_000, figure: (job) => job.contextBytes },
  { code: 'fix_errors_early', measure: 'red_checks', from: 3, figure: (job) => job.redChecks },
  {
    code: 'explain_first',
    measure: 'clarifications',
    from: 1,
    figure: ({ requestKind, clarifications }) =>
      requestKind === 'optimise' || requestKind === 'generate' ? clarifications : 0,
  },
  { code: 'review_first', measure: 'asked_before', from: 1, figure: (job) => job.askedBefore },
  { code: 'fresh_thread', measure: 'history_percent', from: 61, figure: (job) => job.historyPercent ?? 0 },
  { code: 'watch_usage', measure: 'budget_percent', from: 80, figure: (job) => job.budgetPercent },
];

/** The one table of thresholds, for the work of an account. */
export const WORK_TIPS: readonly TipRule<WorkMeasures>[] = [
  { code: 'join_small_tasks', measure: 'tiny_jobs', from: 10, figure: (work) => work.tinyJobs },
  { code: 'fix_errors_early', measure: 'failed_jobs', from: 3, figure: (work) => work.failedJobs },
  { code: 'review_first', measure: 'repeated_jobs', from: 2, figure: (work) => work.repeatedJobs },
  { code: 'watch_usage', measure: 'cut_short_jobs', from: 2, figure: (work) => work.cutShortJobs },
  {
    code: 'learn_from_costly',
    measure: 'dearest_percent',
    from: 500,
    figure: (work) => (work.chargedJobs >= JOBS_TO_COMPARE ? work.dearestPercent : 0),
  },
];

export function tipsOf<M, C extends string>(rules: readonly TipRule<M, C>[], measured: M): readonly Tip<C>[] {
  return rules.flatMap(({ code, measure, from, figure }) => {
    const measuredFigure = figure(measured);
    return measuredFigure >= from ? [{ code, measure, figure: measuredFigure, from }] : [];
  });
}
