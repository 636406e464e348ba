// Activities room. The two ways in which a step does not come to its end by itself: the job pauses before it, or is
// stopped in the middle of it.
import type { RunStepResult } from '@fairmeter/contracts';
import type { Refusal } from '@fairmeter/domain';
import { instant, waitCauseOf } from '@fairmeter/domain';
import type { JobControlLedger } from '@fairmeter/ledger';
import { ApplicationFailure } from '@temporalio/common';
import { askAgain, unlessBusy } from '../ask-again.js';
import { NEVER_ABORTED } from './step-parts.js';
import type { Prepared, Try, WorkStopped } from './work.js';

/**
 * A cancel reaches a step with the answer to its heartbeat: as much later as this it stops the provider, at most. Of
 * the 8 s in which it must have said what it used, 3 are left for saying it. Each heartbeat of each open step is a
 * write of the Temporal server's, so it is no shorter than that asks for.
 */
export const HEARTBEAT_MS = 5_000;

export type Paused = Extract<RunStepResult, { outcome: 'waiting' }> | { readonly outcome: 'enough' };

/** Null where the job does not wait for such a thing. */
export async function pauseFor(
  control: JobControlLedger,
  { input, payer, tryKey, minimumCharge }: Prepared,
  refusal: Refusal,
): Promise<Paused | null> {
  const cause = waitCauseOf(refusal);
  const { waitMs, ordinal } = input;
  if (cause === null || waitMs === undefined) return null;
  const { code, required } = cause;
  const post = {
    payer,
    tryKey,
    asOf: instant(input.asOf),
    order: { ordinal, code, required, minimumCharge, waitMs },
  };
  const paused = await askAgain(() => unlessBusy(control.waitForCredits(post)), NEVER_ABORTED);
  if (!paused.ok) throw ApplicationFailure.nonRetryable(`a pause answered ${paused.refusal.code}`, 'broken');
  return paused.value.result;
}

export interface Stopped {
  readonly now: Try;
  readonly stopped: WorkStopped;
}

export async function endStopped(
  control: JobControlLedger,
  { input, work, payer, tryKey }: Prepared,
  { now, stopped }: Stopped,
): Promise<void> {
  const { kind: _, ...measured } = stopped;
  const post = {
    payer,
    tryKey,
    asOf: instant(input.asOf),
    order: {
      ...measured,
      ordinal: input.ordinal,
      attempt: now.attempt,
      price: work.price,
      latencyMs: Date.now() - now.startedMs,
    },
  };
  const ended = await askAgain(() => unlessBusy(control.endCancelled(post)), NEVER_ABORTED);
  if (!ended.ok) throw ApplicationFailure.nonRetryable(`stopping a step answered ${ended.refusal.code}`, 'broken');
}
