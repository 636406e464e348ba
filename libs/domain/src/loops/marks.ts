// Domain room. What is kept of a step that was counted: where it was, what is known of its cause, whether it was paid
// for. Small, since a job may have a thousand steps and its watch travels.
import type { LoopCause, LoopConfidence } from './finding.js';
import type { Evidence, ObservedStep } from './observed-step.js';

export interface Marks {
  /** Evidenced as a fault of ours or the provider's. */
  readonly ours: boolean;
  /** The project's own code fails. */
  readonly own: boolean;
  /** Known to have been charged nothing. */
  readonly free: boolean;
}

/** A counted step by its place in the watch, in the order in which steps ended. */
export interface Occurrence extends Marks {
  readonly at: number;
}

const OURS: readonly Evidence[] = ['provider_fault', 'tool_crash', 'platform_fault', 'incident'];
const JUDGES_CODE: readonly ObservedStep['kind'][] = ['check', 'preview', 'build'];

/** Green as told; an error makes red what can be red; otherwise no colour. */
export function colourOf(step: ObservedStep): boolean | undefined {
  if (step.green !== undefined) return step.green;
  return JUDGES_CODE.includes(step.kind) && step.errorFingerprint !== undefined ? false : undefined;
}

/**
 * A fault of ours stays ours whatever the input was. A red check or build is the project's own code failing unless
 * something else is known: a time limit that fired, or a fault that only the caller vouches for, leaves it open.
 */
export function marksOf(step: ObservedStep): Marks {
  const evidence = step.evidence ?? [];
  const ours = evidence.some((piece) => OURS.includes(piece));
  const doubtful = evidence.includes('time_limit') || evidence.includes('reported_fault');
  const red = colourOf(step) === false;
  const own = !ours && (evidence.includes('own_code') || (red && !doubtful));
  return { ours, own, free: step.charge === 0n };
}

/** A question to whoever asked is a model's answer too. */
export function asksModel({ kind }: ObservedStep): boolean {
  return kind === 'model' || kind === 'clarification';
}

/** A model call that the provider failed has been tried again by us before anybody heard of it. */
export function hasSpentRetries(step: ObservedStep): boolean {
  return step.retriesUsedUp ?? (asksModel(step) && (step.evidence ?? []).includes('provider_fault'));
}

/** What a check counted until it crashed or ran out of time is no report. */
export function isReport(step: ObservedStep): boolean {
  return !(step.evidence ?? []).some((piece) => piece === 'tool_crash' || piece === 'time_limit');
}

export interface Judgement {
  readonly cause: LoopCause;
  readonly confidence: LoopConfidence;
}

/** Ours only if every occurrence after the first is evidenced as ours; the first was honest in any case. */
export function causeOf(counted: readonly Marks[]): Judgement {
  const repeats = counted.slice(1);
  if (repeats.length > 0 && repeats.every(({ ours }) => ours)) return { cause: 'platform_fault', confidence: 'high' };
  if (!counted.some(({ own }) => own)) return { cause: 'unclear', confidence: 'low' };
  return { cause: 'user_fault', confidence: counted.every(({ own }) => own) ? 'high' : 'medium' };
}
