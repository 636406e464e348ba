// Domain room. What was found and on what evidence: enough to act on, to show in a cost view and to judge again.
import type { StepRef } from './observed-step.js';
import type { LoopSignal } from './policy.js';

export const LOOP_CAUSES = ['platform_fault', 'user_fault', 'unclear'] as const;
export type LoopCause = (typeof LOOP_CAUSES)[number];
export type LoopConfidence = 'high' | 'medium' | 'low';

/**
 * `refund`: repeats go back at once, within the cap. `open_review`: ours, but several payers are concerned.
 * `offer_review`: not evidenced as ours. `record`: shadow mode.
 */
export type LoopRemedy = 'refund' | 'open_review' | 'offer_review' | 'record';

export interface LoopFinding {
  readonly signal: LoopSignal;
  /** The step at whose end the loop is known. */
  readonly foundAt: StepRef;
  readonly stream: string | null;
  /** The counted occurrences in order; of idle iterations the last step of each. */
  readonly steps: readonly StepRef[];
  readonly firstHonestStep: StepRef;
  readonly threshold: number;
  /** Of an alternation, otherwise null. */
  readonly period: number | null;
  /** The tool or check that repeats, where there is one. */
  readonly subject: string | null;
  /** The hash that repeats: of the call or of the error; null for builds and iterations. */
  readonly fingerprint: string | null;
  readonly cause: LoopCause;
  readonly confidence: LoopConfidence;
  readonly remedy: LoopRemedy;
  readonly payers: readonly string[];
  /** Charged steps after the first honest one: what a refund would return if the cause were ours. */
  readonly repeats: readonly StepRef[];
  /** What the automatic refund returns: the repeats where the remedy is `refund`, otherwise nothing. */
  readonly refundableSteps: readonly StepRef[];
  /** The incidents that made it ours, where it took any. */
  readonly incidents?: readonly string[];
}
