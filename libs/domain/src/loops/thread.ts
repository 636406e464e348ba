// Domain room. What a job goes on from where its client sends the same again: the steps of the jobs of its thread that
// have ended. Made anew from what is stored, so that no job can overwrite what another one counted.
import type { ObservedStep, StepRef } from './observed-step.js';
import type { LoopPolicy } from './policy.js';
import type { LoopWatchState } from './watch.js';
import { LoopWatch, withIterationEnds } from './watch.js';

/** What a thread is remembered by, the latest of it: about 30 kB of a watch at most. */
export const MOST_OF_A_THREAD = { jobs: 20, steps: 150 } as const;

const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * A loop that was found ends its count, as it did in its job. What jobs that ran side by side completed among
 * themselves was seen by none of them: it stays counted, and the next occurrence completes it. Only states in a row
 * begin anew then, for jobs side by side have no row.
 */
export function watchOfThread(
  policy: LoopPolicy,
  steps: readonly ObservedStep[],
  found: readonly StepRef[],
): LoopWatchState {
  const counting = {
    ...policy,
    equalCalls: NEVER,
    equalErrors: NEVER,
    redBuilds: NEVER,
    idleIterations: NEVER,
    pollableCalls: NEVER,
  };
  const ends = new Set(found.map(nameOf));
  let watch = LoopWatch.begin(counting);
  for (const step of withIterationEnds(steps)) {
    if (ends.has(nameOf(step))) {
      watch = LoopWatch.resume(policy, watch.snapshot());
      watch.observe(step);
      watch = LoopWatch.resume(counting, watch.snapshot());
    } else watch.observe(step);
  }
  return watch.snapshot();
}

/** What a step of a thread says beyond its own job: who pays, and whether a person had spoken before it. */
export function inThread(payer: string, personSpoke: boolean): Pick<ObservedStep, 'payer' | 'answeredByPerson'> {
  return personSpoke ? { payer, answeredByPerson: true } : { payer };
}

function nameOf({ jobId, ordinal }: StepRef): string {
  return `${jobId}:${ordinal}`;
}
