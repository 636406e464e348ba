// Goal: what a tip is told by is what was stored. Method: small jobs whose figures are worked out by hand.
import { describe, expect, it } from '@jest/globals';
import { cardWith, creditsOf, priceFor, use } from '../../../../test/harness/orders.js';
import type { LoopCause } from '../loops/finding.js';
import type { Meters } from '../metering/meters.js';
import type { MeasuredJob } from './measure-job.js';
import { measureJob } from './measure-job.js';
import type { JobMeasures } from './tips.js';

type Step = MeasuredJob['steps'][number];

const attempt = (
  meters: Meters,
  chargeClass: 'billable' | 'platform_fault' = 'billable',
): Step['attempts'][number] => ({
  attempt: 1,
  state: 'ended',
  chargeClass,
  fault: null,
  meters,
});
const call = (meters: Partial<Meters>, how: Partial<Step> = {}): Step => ({
  ordinal: 1,
  kind: 'model_call',
  stage: 'generate',
  chargeClass: 'billable',
  model: 'coder',
  verdict: 'go_on',
  attempts: [attempt(use(meters))],
  ...how,
});
const CARD = cardWith(
  priceFor(),
  priceFor({ model: 'cheap', rates: { ...priceFor().rates, input: creditsOf('30'), output: creditsOf('150') } }),
);

const RED = { model: null, kind: 'tool_call', stage: 'check', verdict: 'changes_requested' } as const;

interface Of {
  readonly job?: Partial<MeasuredJob['job']>;
  readonly findings?: MeasuredJob['findings'];
  readonly said?: LoopCause;
}

function measured(steps: readonly Step[], { job = {}, findings = [], said }: Of = {}): JobMeasures {
  const asked = {
    id: 'job_1',
    requestKind: 'debug',
    model: 'coder',
    threadId: null,
    contextBytes: 0,
    contextTokens: 100,
    charge: creditsOf('1'),
    maxCredits: creditsOf('20'),
  } as const;
  const saidCauses = new Map(said === undefined ? [] : [[1, { cause: said }]]);
  const beside = { card: CARD, outputFiles: 3, askedBefore: 1, saidCauses };
  return measureJob({ job: { ...asked, ...job }, steps, findings }, beside);
}

describe('the figures of a job', () => {
  it('count what was charged alone', () => {
    const failed = attempt(use({ input: 5_000 }), 'platform_fault');
    const step = {
      ...call({}),
      attempts: [failed, attempt(use({ input: 10, cachedInput: 5, output: 2, reasoning: 1 }))],
    };
    expect(measured([step])).toMatchObject({ tokens: 18, outputFiles: 3, askedBefore: 1, budgetPercent: 5 });
  });

  it('hold the model beside the cheapest of its card', () => {
    expect(measured([]).modelCostTenths).toBe(100);
    expect(measured([], { job: { model: 'cheap' } }).modelCostTenths).toBe(10);
    expect(measured([], { job: { model: 'gone' } }).modelCostTenths).toBe(0);
  });

  it('find system context that came again and was not read from a cache, for each model apart', () => {
    const first = call({ input: 900, system: 800 });
    const again = call({ input: 900, system: 800, cachedInput: 300 });
    const whole = call({ input: 100, system: 800, cachedInput: 900 });
    const other = call({ input: 900, system: 800 }, { model: 'cheap' });
    expect(measured([first, again, whole, other]).repeatedUncachedTokens).toBe(500);
  });

  it('[E37] tell the share of history in a thread, and none outside of one', () => {
    const talk = call({ input: 900, system: 200 });
    expect(measured([talk], { job: { threadId: 'thr_1' } }).historyPercent).toBe(66);
    expect(measured([talk]).historyPercent).toBeNull();
    expect(measured([], { job: { threadId: 'thr_1' } }).historyPercent).toBe(0);
  });

  it('count questions asked back and checks that were red, not reviews by a model', () => {
    const steps = [call({}, { kind: 'clarification' }), call({}, RED), call({}, { verdict: 'changes_requested' })];
    expect(measured(steps)).toMatchObject({ clarifications: 1, redChecks: 1 });
  });

  it('count red checks and builds that were charged, not what our tool failed to look at or could not pack', () => {
    const build = { ...RED, kind: 'preview_build', stage: 'preview' } as const;
    const packing = { ...RED, kind: 'packaging', stage: 'package' } as const;
    const crashed = { ...RED, chargeClass: 'platform_fault' } as const;
    const open = { ...RED, chargeClass: null, verdict: null } as const;
    const steps = [RED, build, packing, crashed, { ...build, chargeClass: 'platform_fault' } as const, open];
    expect(measured(steps.map((how) => call({}, how))).redChecks).toBe(2);
  });

  it('[D14] count a red check that a loop repeated unless the last word on the loop is that it was ours', () => {
    const steps = [1, 2, 3, 4].map((ordinal) => call({}, { ...RED, ordinal }));
    const refs = (jobId: string, ...ordinals: number[]) => ordinals.map((ordinal) => ({ jobId, ordinal }));
    const repeats = [...refs('job_1', 2, 3), ...refs('job_of_its_thread', 4)];
    const found = (cause: LoopCause, evidence: object = { repeats }) => [
      { number: 1, cause, evidence: { ...evidence } },
    ];
    const red = (of: Of): number => measured(steps, of).redChecks;
    expect(red({ findings: found('unclear') })).toBe(4);
    expect(red({ findings: found('platform_fault') })).toBe(2);
    expect(red({ findings: found('unclear'), said: 'platform_fault' })).toBe(2);
    expect(red({ findings: found('platform_fault'), said: 'user_fault' })).toBe(4);
    // What an earlier release wrote down may lack anything.
    for (const evidence of [{}, { repeats: 'none' }, { repeats: [null, 2, {}] }]) {
      expect(red({ findings: found('platform_fault', evidence) })).toBe(4);
    }
  });
});
