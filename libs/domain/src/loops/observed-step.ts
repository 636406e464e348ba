// Domain room. What the detector knows of a step that ended: hashes, colours and evidence, never texts. Raw arguments
// and results become this through `observe-raw.ts`.
import type { MicroCredits } from '../amounts/micro-credits.js';

export const OBSERVED_KINDS = ['model', 'tool', 'check', 'preview', 'build', 'packaging', 'clarification'] as const;
export type ObservedKind = (typeof OBSERVED_KINDS)[number];

export interface StepRef {
  readonly jobId: string;
  readonly ordinal: number;
}

/**
 * Of the attempt that ended the step. Ours: the provider failed, a tool of ours crashed (whatever its input), our call
 * never got through, the step lies in the window of an incident. `own_code`: the project's own code fails.
 * `time_limit` proves nothing by itself. `reported_fault`: a caller's word, which is no evidence.
 */
export const EVIDENCE = [
  'provider_fault',
  'tool_crash',
  'platform_fault',
  'incident',
  'own_code',
  'time_limit',
  'reported_fault',
] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** What a check or build reports of itself: more passed and fewer errors are better. */
export interface ReportedCounts {
  readonly passed?: number | undefined;
  readonly errors?: number | undefined;
}

export interface ObservedStep extends StepRef {
  readonly iteration: number;
  /** A sub-agent; counts and progress run per stream. */
  readonly stream?: string | null | undefined;
  /** Whose lots pay for the job; only needed where the steps of several jobs are watched together. */
  readonly payer?: string | undefined;
  readonly kind: ObservedKind;
  /** Of the tool, check or build; absent: the kind stands in. */
  readonly name?: string | undefined;
  readonly argsHash?: string | undefined;
  /** Absent where the call ended in an error and nothing else. */
  readonly resultHash?: string | undefined;
  readonly errorFingerprint?: string | undefined;
  /** The artefact after the step; absent: as before. */
  readonly artefactHash?: string | undefined;
  /** Nobody said what the artefact is after the step: that is not the same as one that stayed as it was. */
  readonly artefactUnknown?: boolean | undefined;
  /** The artefact before the step, where the caller knows it; needed at most on the first step. */
  readonly artefactBefore?: string | undefined;
  /** Of checks, previews and builds; absent with an error: red. */
  readonly green?: boolean | undefined;
  readonly counts?: ReportedCounts | undefined;
  /** Besides the names in the policy. */
  readonly pollable?: boolean | undefined;
  /** A person answered in this step, or began the job of which it is the first with words of its own. */
  readonly answeredByPerson?: boolean | undefined;
  readonly evidence?: readonly Evidence[] | undefined;
  /**
   * It failed by a fault of ours or the provider's after its infrastructure retries: it counts towards no signal.
   * Absent: so of a model call with a provider fault, not so of others.
   */
  readonly retriesUsedUp?: boolean | undefined;
  /** Absent: unknown, taken for charged. A step that was charged nothing needs no refund. */
  readonly charge?: MicroCredits | undefined;
  /** True on the last step of its iteration, where the caller knows; otherwise the next step or `endIteration` says. */
  readonly endsIteration?: boolean | undefined;
}
