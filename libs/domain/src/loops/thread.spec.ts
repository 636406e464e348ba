// Goal: a job goes on from what the jobs of its thread came to: none forgets what another one counted, and a loop that
// was found is not found again with its own occurrences.
import { describe, expect, it } from '@jest/globals';
import type { ObservedStep, StepRef } from './observed-step.js';
import { loopPolicy } from './policy.js';
import { inThread, watchOfThread } from './thread.js';
import { LoopWatch } from './watch.js';

const policy = loopPolicy();
const failing = (jobId: string, ordinal = 1): ObservedStep => ({
  jobId,
  ordinal,
  iteration: 1,
  kind: 'tool',
  name: 'deploy',
  errorFingerprint: 'crashed',
  payer: 'acc_1',
});
const nothing = (jobId: string, ordinal = 1): ObservedStep => ({ jobId, ordinal, iteration: 1, kind: 'model' });

function next(before: readonly ObservedStep[], found: readonly StepRef[], step: ObservedStep): readonly string[] {
  const watch = LoopWatch.resume(policy, watchOfThread(policy, before, found));
  return watch.observe(step).flatMap(({ steps }) => steps.map(({ jobId, ordinal }) => `${jobId}:${ordinal}`));
}

describe('a thread', () => {
  it('[edge 56] is counted over its jobs', () => {
    expect(next([failing('a')], [], failing('c'))).toEqual([]);
    expect(next([failing('a'), failing('b')], [], failing('c'))).toEqual(['a:1', 'b:1', 'c:1']);
  });

  it('keeps counted what jobs side by side completed among themselves, for none of them could see it', () => {
    const beside = [failing('a', 1), failing('a', 2), failing('b', 1), failing('b', 2)];
    expect(next(beside, [], failing('c'))).toEqual(['a:1', 'a:2', 'b:1', 'b:2', 'c:1']);
  });

  it('ends the count of a loop that was found', () => {
    const before = [failing('a'), failing('b'), failing('c'), failing('d')];
    expect(next(before, [{ jobId: 'c', ordinal: 1 }], failing('e'))).toEqual([]);
    expect(next([...before, failing('e')], [{ jobId: 'c', ordinal: 1 }], failing('f'))).toEqual(['d:1', 'e:1', 'f:1']);
  });

  it('counts idle iterations over its jobs, unless a person spoke before them', () => {
    const idle = (jobId: string): ObservedStep => nothing(jobId);
    const spoken = (jobId: string): ObservedStep => ({ ...idle(jobId), ...inThread('acc_1', true) });
    const ends = (before: readonly ObservedStep[], last: ObservedStep): number => {
      const watch = LoopWatch.resume(policy, watchOfThread(policy, before, []));
      return watch.observe({ ...last, endsIteration: true }).length;
    };
    expect(ends([idle('a'), idle('b'), idle('c')], idle('d'))).toBe(1);
    expect(ends([idle('a'), idle('b')], idle('d'))).toBe(0);
    expect(ends([idle('a'), idle('b'), idle('c')], spoken('d'))).toBe(0);
    expect(ends([idle('a'), idle('b'), spoken('c')], idle('d'))).toBe(0);
  });

  it('knows what was progress in an earlier job', () => {
    const read = (jobId: string, ordinal = 1): ObservedStep => ({
      ...failing(jobId, ordinal),
      errorFingerprint: undefined,
      argsHash: 'args',
      resultHash: 'result',
    });
    expect(next([read('a'), read('b')], [], read('c'))).toEqual(['a:1', 'b:1', 'c:1']);
  });
});
