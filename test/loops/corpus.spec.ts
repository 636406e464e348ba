// Loops room. Goal: the verdict on every trace of the corpus is the expected one: whether, where, which signal, whose
// fault, what goes back. Method: each trace at once, and step by step as a workflow sees it.
import { describe, expect, it } from '@jest/globals';
import type { LoopFinding, LoopPolicy, StepRef } from '@fairmeter/domain';
import { findLoops, loopPolicy } from '@fairmeter/domain';
import { ALTERNATION } from './corpus/alternation.js';
import { CAUSE } from './corpus/cause.js';
import { EQUAL_CALLS } from './corpus/equal-calls.js';
import { EQUAL_ERRORS } from './corpus/equal-errors.js';
import { IDLE_ITERATIONS } from './corpus/idle-iterations.js';
import { NOISE } from './corpus/noise.js';
import { POLLABLE } from './corpus/pollable.js';
import { RED_BUILDS } from './corpus/red-builds.js';
import { THREAD } from './corpus/thread.js';
import type { Expected, Line, Trace } from './trace.js';
import { build, fails, iterations, JOB, model, observed, times, tool } from './trace.js';
import { stepByStep } from './step-by-step.js';

const nameOf = ({ jobId, ordinal }: StepRef): number | string => (jobId === JOB ? ordinal : `${jobId}:${ordinal}`);

function verdictOf(finding: LoopFinding | undefined): Expected | 'none' {
  if (finding === undefined) return 'none';
  const { signal, foundAt, cause, refundableSteps } = finding;
  return { signal, at: foundAt.ordinal, cause, refund: refundableSteps.map(nameOf) };
}

const CORPUS: Readonly<Record<string, readonly Trace[]>> = {
  'equal calls': EQUAL_CALLS,
  'equal errors': EQUAL_ERRORS,
  alternation: ALTERNATION,
  'red builds': RED_BUILDS,
  'idle iterations': IDLE_ITERATIONS,
  'pollable tools': POLLABLE,
  cause: CAUSE,
  'loops over a thread': THREAD,
  noise: NOISE,
};

describe.each(Object.entries(CORPUS))('%s', (_, traces) => {
  it.each(traces.map((trace) => [trace.title, trace] as const))('%s', (_title, trace) => {
    const policy = loopPolicy(trace.policy);
    const steps = observed(trace.lines);
    expect(verdictOf(findLoops(steps, policy)[0])).toEqual(trace.expected);
    expect(verdictOf(stepByStep(steps, policy)[0])).toEqual(trace.expected);
  });
});

describe('the corpus', () => {
  const all = Object.values(CORPUS).flat();

  it('has traces of every nature, and no title twice', () => {
    const count = (nature: Trace['nature']): number => all.filter((trace) => trace.nature === nature).length;
    expect(all.length).toBeGreaterThanOrEqual(80);
    expect(Math.min(count('looping'), count('honest'), count('adversarial'))).toBeGreaterThanOrEqual(25);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  });

  it('expects nothing back where the fault is not ours', () => {
    const others = all.filter(({ expected }) => expected !== 'none' && expected.cause !== 'platform_fault');
    expect(others.flatMap(({ expected }) => (expected === 'none' ? [] : expected.refund))).toEqual([]);
  });
});

interface Threshold {
  readonly signal: LoopFinding['signal'];
  readonly policy: (threshold: number) => Partial<LoopPolicy>;
  /** Just as much as makes a loop, and nothing else that does. */
  readonly lines: (threshold: number) => readonly Line[];
}

const turn = (content: string, at: number): Line => tool('write', { content }, 'ok', { artefactHash: `state ${at}` });
const THRESHOLDS: readonly Threshold[] = [
  {
    signal: 'equal_calls',
    policy: (equalCalls) => ({ equalCalls }),
    lines: (threshold) => times(threshold, () => tool('read', {}, 'x')),
  },
  {
    signal: 'equal_calls',
    policy: (pollableCalls) => ({ pollableCalls, pollableTools: ['status'], equalCalls: 1 }),
    lines: (threshold) => times(threshold, () => tool('status', {}, 'pending')),
  },
  {
    signal: 'equal_errors',
    policy: (equalErrors) => ({ equalErrors }),
    lines: (threshold) => times(threshold, (at) => fails('run', { at: `x${'y'.repeat(at)}` }, 'it failed')),
  },
  {
    signal: 'red_builds',
    policy: (redBuilds) => ({ redBuilds }),
    lines: (threshold) => times(threshold, (at) => build(`no ${'x'.repeat(at)}`)),
  },
  ...[2, 3].map((period): Threshold => ({
    signal: 'alternation',
    policy: (alternationRounds) => ({ alternationRounds }),
    lines: (threshold) => times(threshold * period, (at) => turn('ABC'[at % period] ?? '', at)),
  })),
  {
    signal: 'idle_iterations',
    policy: (idleIterations) => ({ idleIterations }),
    lines: (threshold) => iterations(...times(threshold, () => [model()])),
  },
];

describe('every threshold', () => {
  it.each(THRESHOLDS)(
    '[F9] of $signal is where it is found, and one below is none',
    ({ signal, policy: of, lines }) => {
      for (const threshold of [2, 3, 4, 7, 25]) {
        const steps = observed(lines(threshold));
        const [found, ...others] = findLoops(steps, loopPolicy(of(threshold)));
        expect([threshold, found?.signal, found?.foundAt.ordinal, others]).toEqual([
          threshold,
          signal,
          steps.length,
          [],
        ]);
        expect([threshold, findLoops(steps.slice(0, -1), loopPolicy(of(threshold)))]).toEqual([threshold, []]);
      }
    },
  );
});
