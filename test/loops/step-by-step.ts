// Loops room. The detector as a workflow uses it: one step at a time, an iteration ended before the next one begins,
// and every few steps only what a snapshot carries lives on.
import type { LoopFinding, LoopPolicy, LoopWatchState, ObservedStep } from '@fairmeter/domain';
import { LoopWatch } from '@fairmeter/domain';

export function stepByStep(
  steps: readonly ObservedStep[],
  policy: LoopPolicy,
  carryOnAfter: (step: number) => boolean = () => true,
): readonly LoopFinding[] {
  let watch = LoopWatch.begin(policy);
  const findings: LoopFinding[] = [];
  const going = (): boolean => findings.length === 0 || policy.shadow;
  for (const [index, step] of steps.entries()) {
    if (!going()) break;
    findings.push(...watch.observe(step));
    const next = steps.slice(index + 1).find((later) => (later.stream ?? null) === (step.stream ?? null));
    const ends = next === undefined || next.iteration !== step.iteration || next.jobId !== step.jobId;
    if (ends && going()) findings.push(...watch.endIteration(step.stream ?? null));
    if (carryOnAfter(index)) {
      watch = LoopWatch.resume(policy, JSON.parse(JSON.stringify(watch.snapshot())) as LoopWatchState);
    }
  }
  return policy.shadow ? findings : findings.slice(0, 1);
}
