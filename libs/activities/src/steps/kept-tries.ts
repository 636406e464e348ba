// Activities room. A try that a model has answered is paid for: whoever runs its step again, after a crash or a fault
// of ours, ends that very try with what was kept of it instead of asking anew (edge 28).
import type { RunStepInput } from '@fairmeter/contracts';
import { asksModel, ATTEMPT_LASTS_MS } from '@fairmeter/domain';
import { findOpenAttempt } from '@fairmeter/ledger/reads';
import { answerRef, countUnrecorded, findKeptAnswer } from '@fairmeter/records';
import type { StepParts } from './step-parts.js';
import type { PaidAnswer, Try } from './work.js';

/** How often the end of one answered try may fail by a fault of ours before the try is given up. */
export const RECORDING_TRIES = 3;

export interface KeptTry extends Pick<Try, 'attempt' | 'startedMs'> {
  readonly kept: PaidAnswer;
  /** False once it was tried often enough, or the attempt has lasted too long: it is given up, with its cost. */
  readonly mayBeUsed: boolean;
}

/** Null where the step has to be tried anew. */
export async function findKeptTry({ entities }: StepParts, input: RunStepInput): Promise<KeptTry | null> {
  const { jobId, ordinal, stage } = input;
  if (!asksModel(stage)) return null;
  const attempt = await findOpenAttempt(entities.manager, jobId, ordinal);
  if (attempt === null) return null;
  const kept = await findKeptAnswer(entities.manager, answerRef(jobId, ordinal, attempt));
  if (kept === null) return null;
  const { text, usage, providerRequestId, region, latencyMs, ageMs, unrecorded } = kept;
  return {
    attempt,
    // The attempt began when the model was asked, and not when its answer was kept.
    mayBeUsed: unrecorded < RECORDING_TRIES && ageMs + latencyMs <= ATTEMPT_LASTS_MS,
    // It took as long as it took then: what lies between is nobody's use.
    startedMs: Date.now() - latencyMs,
    kept: { text, usage, providerRequestId, region, latencyMs },
  };
}

/** Whether the try is to be ended once more with what was kept of it. */
export async function mayRecordAgain({ entities }: StepParts, { input, attempt }: Try): Promise<boolean> {
  const times = await countUnrecorded(entities.manager, answerRef(input.jobId, input.ordinal, attempt));
  return times > 0 && times < RECORDING_TRIES;
}
