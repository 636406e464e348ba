// Loops room. Goal: the verdict on every trace of the corpus is the expected one: whether, where, which signal, whose
// fault, what goes back. Method: each trace at once, and step by step as a workflow sees it.
import { describe, expect, it } from '@jest/globals';
import type { LoopFinding, StepRef } from '@fairmeter/domain';
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
import type { Expected, Trace } from './trace.js';
import { JOB, observed } from './trace.js';
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
