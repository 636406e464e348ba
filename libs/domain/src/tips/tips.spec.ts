// Goal: a tip is given exactly from its threshold on. Method: for each rule a job or an account that is as quiet as can
// be but for the one figure, at the threshold and just below it.
import { describe, expect, it } from '@jest/globals';
import { adviceOf } from './advice.js';
import type { JobMeasures, WorkMeasures } from './tips.js';
import { JOB_TIPS, TIP_CODES, tipsOf, WORK_TIPS } from './tips.js';

const QUIET_JOB: JobMeasures = {
  requestKind: 'debug',
  clarifications: 0,
  outputFiles: 0,
  modelCostTenths: 10,
  tokens: 50_000,
  repeatedUncachedTokens: 0,
  historyPercent: null,
  contextBytes: 0,
  redChecks: 0,
  budgetPercent: 0,
  askedBefore: 0,
};
const QUIET_WORK: WorkMeasures = {
  chargedJobs: 100,
  tinyJobs: 0,
  failedJobs: 0,
  cutShortJobs: 0,
  repeatedJobs: 0,
  dearestPercent: 100,
};

const ofJob = (measured: Partial<JobMeasures>): string[] =>
  tipsOf(JOB_TIPS, { ...QUIET_JOB, ...measured }).map(({ code }) => code);
const ofWork = (measured: Partial<WorkMeasures>): string[] =>
  tipsOf(WORK_TIPS, { ...QUIET_WORK, ...measured }).map(({ code }) => code);

type Case<M> = readonly [ids: string, code: string, given: Partial<M>, below: Partial<M>];

const JOB_CASES: readonly Case<JobMeasures>[] = [
  ['[C12] [E37]', 'be_specific', { clarifications: 2 }, { clarifications: 1 }],
  ['[C12]', 'split_large_task', { outputFiles: 21 }, { outputFiles: 20 }],
  ['[C12] [E37]', 'fit_model', { modelCostTenths: 30, tokens: 2_000 }, { modelCostTenths: 29, tokens: 2_000 }],
  ['[C12] [E37]', 'fit_model', { modelCostTenths: 500, tokens: 2_000 }, { modelCostTenths: 500, tokens: 2_001 }],
  ['[C12]', 'reuse_prefix', { repeatedUncachedTokens: 4_000 }, { repeatedUncachedTokens: 3_999 }],
  ['[D14]', 'select_less', { contextBytes: 40_000 }, { contextBytes: 39_999 }],
  ['[D14]', 'fix_errors_early', { redChecks: 3 }, { redChecks: 2 }],
  [
    '[D14]',
    'explain_first',
    { clarifications: 1, requestKind: 'optimise' },
    { clarifications: 0, requestKind: 'optimise' },
  ],
  [
    '[D14]',
    'explain_first',
    { clarifications: 1, requestKind: 'generate' },
    { clarifications: 1, requestKind: 'explain' },
  ],
  ['[D14]', 'review_first', { askedBefore: 1 }, { askedBefore: 0 }],
  ['[E37]', 'fresh_thread', { historyPercent: 61 }, { historyPercent: 60 }],
  ['[E37]', 'watch_usage', { budgetPercent: 80 }, { budgetPercent: 79 }],
];
const WORK_CASES: readonly Case<WorkMeasures>[] = [
  ['[D14]', 'join_small_tasks', { tinyJobs: 10 }, { tinyJobs: 9 }],
  ['[D14]', 'fix_errors_early', { failedJobs: 3 }, { failedJobs: 2 }],
  ['[D14]', 'review_first', { repeatedJobs: 2 }, { repeatedJobs: 1 }],
  ['[E37]', 'watch_usage', { cutShortJobs: 2 }, { cutShortJobs: 1 }],
  ['[E37]', 'learn_from_costly', { dearestPercent: 500 }, { dearestPercent: 499 }],
  ['[E37]', 'learn_from_costly', { dearestPercent: 900, chargedJobs: 20 }, { dearestPercent: 900, chargedJobs: 19 }],
];

describe('tips', () => {
  it.each(JOB_CASES)('%s of a job: %s is given at %j and not at %j', (...[, code, given, below]) => {
    expect(ofJob(given)).toContain(code);
    expect(ofJob(below)).not.toContain(code);
  });

  it.each(WORK_CASES)('%s of an account: %s is given at %j and not at %j', (...[, code, given, below]) => {
    expect(ofWork(given)).toEqual([code]);
    expect(ofWork(below)).toEqual([]);
  });

  it('are none where nothing calls for one', () => {
    expect([ofJob({}), ofWork({})]).toEqual([[], []]);
  });

  it('are all given somewhere, and each says what was measured', () => {
    const cases = [...JOB_CASES, ...WORK_CASES];
    expect(new Set(cases.map(([, code]) => code))).toEqual(new Set(TIP_CODES));
    expect(tipsOf(JOB_TIPS, { ...QUIET_JOB, contextBytes: 90_000 })).toEqual([
      { code: 'select_less', measure: 'context_bytes', figure: 90_000, from: 40_000 },
    ]);
  });
});

describe('advice on several jobs', () => {
  const job = (measured: Partial<JobMeasures>): JobMeasures => ({ ...QUIET_JOB, ...measured });

  it('gives each tip once, by the job that calls for it most, in the order of the table', () => {
    const jobs = [job({ historyPercent: 70 }), job({ historyPercent: 90, redChecks: 3 }), job({ historyPercent: 60 })];
    expect(adviceOf(jobs).map(({ code, figure }) => [code, figure])).toEqual([
      ['fix_errors_early', 3],
      ['fresh_thread', 90],
    ]);
    expect(adviceOf([job({}), job({ historyPercent: 60 })])).toEqual([]);
    expect(adviceOf([])).toEqual([]);
  });
});
