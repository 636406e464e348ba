// Domain room. When repetition is a loop: thresholds, which a plan may override, and the tools that may ask again.

export const LOOP_SIGNALS = ['equal_errors', 'red_builds', 'alternation', 'equal_calls', 'idle_iterations'] as const;
export type LoopSignal = (typeof LOOP_SIGNALS)[number];

export interface LoopPolicy {
  /** Same tool, same normalised arguments, same result, since the last progress. */
  readonly equalCalls: number;
  /** Same error fingerprint, since the last progress of the check that reports it. */
  readonly equalErrors: number;
  /** Rounds of a cycle: n rounds of period p are n * p states in a row. */
  readonly alternationRounds: number;
  readonly alternationPeriods: readonly number[];
  /**
   * The artefact that a call leaves is a state as well, whatever the call. Absent where it was pinned before that was
   * so: then only a model's is.
   */
  readonly artefactsAlternate?: boolean;
  /** Preview and build steps only. */
  readonly redBuilds: number;
  readonly idleIterations: number;
  /** The only limit of a pollable tool: equal answers, errors included. */
  readonly pollableCalls: number;
  readonly pollableTools: readonly string[];
  /** Findings are recorded and nothing is stopped or refunded. */
  readonly shadow: boolean;
}

export const DEFAULT_LOOP_POLICY: LoopPolicy = {
  equalCalls: 3,
  equalErrors: 3,
  alternationRounds: 3,
  alternationPeriods: [2, 3],
  artefactsAlternate: true,
  redBuilds: 4,
  idleIterations: 4,
  pollableCalls: 20,
  pollableTools: [],
  shadow: false,
};

/** A plan names only what it changes. */
export function loopPolicy(overrides: Partial<LoopPolicy> = {}): LoopPolicy {
  return { ...DEFAULT_LOOP_POLICY, ...overrides };
}
