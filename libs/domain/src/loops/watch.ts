// Domain room. Watches the steps of a job, or of all jobs of a thread, as they end. Its state is plain data.
import type { LoopFinding } from './finding.js';
import type { ObservedStep } from './observed-step.js';
import type { LoopPolicy } from './policy.js';

export interface LoopWatchState {
  readonly version: 1;
}

export class LoopWatch {
  static begin(policy: LoopPolicy): LoopWatch {
    return new LoopWatch(policy, { version: 1 });
  }

  /** Goes on from a snapshot, after continue-as-new or with the next job of a thread. */
  static resume(policy: LoopPolicy, state: LoopWatchState): LoopWatch {
    return new LoopWatch(policy, state);
  }

  private constructor(
    readonly policy: LoopPolicy,
    private readonly state: LoopWatchState,
  ) {}

  /** Findings that this step completes, the most telling first; almost always none. */
  observe(_step: ObservedStep): readonly LoopFinding[] {
    return [];
  }

  /** To be called when the next step belongs to another iteration, before it starts, and at the end of the job. */
  endIteration(_stream: string | null = null): readonly LoopFinding[] {
    return [];
  }

  /** Plain data, bounded whatever the length of the job. */
  snapshot(): LoopWatchState {
    return this.state;
  }
}

/** A whole trace at once: the first finding, or all of them in shadow mode. */
export function findLoops(_steps: readonly ObservedStep[], _policy: LoopPolicy): readonly LoopFinding[] {
  return [];
}
