// Activities room. A step that fails by a fault of our own, after a model was asked: a row that cannot be written, a
// mistake in reading an answer. Trying for an hour would buy the same answer again and again, so tries are counted.
import type { Meters } from '@fairmeter/domain';
import { areMeters, instant, InvariantViolation, NO_USE, NOT_RECORDED } from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import { countUnwrittenAttempts } from '@fairmeter/ledger/reads';
import { isError } from '@fairmeter/platform';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { askAgain, isUnavailable, unlessBusy } from '../ask-again.js';
import { mayRecordAgain } from './kept-tries.js';
import type { StepParts } from './step-parts.js';
import { NEVER_ABORTED } from './step-parts.js';
import type { PaidAnswer, Prepared, Try } from './work.js';

/** Another answer may be one that can be written down; after as many that could not be, none is expected to be. */
const UNWRITTEN_ATTEMPTS = 3;

const AGAIN_AFTER_MS = 1_000;

interface FaultParts extends StepParts {
  readonly jobs: JobLedger;
}

interface Failing {
  readonly prepared: Prepared;
  readonly now: Try;
}

/** What the step is to fail with. An outage, a cancel and whatever was classed before stay what they are. */
export async function afterFault(parts: FaultParts, failing: Failing, error: unknown): Promise<unknown> {
  const isFinal = isBroken(error);
  if (!isFinal && !isOurs(error)) return error;
  const { brought } = failing.prepared.work;
  if (!isFinal && brought?.isKept === true) {
    try {
      if (await mayRecordAgain(parts, failing.now)) return failed(error, false);
    } catch (away) {
      if (isUnavailable(away)) return away;
    }
  }
  if (brought !== null) await giveUp(parts, failing, brought.answer).catch(() => undefined);
  return isFinal ? error : retriedUnlessHopeless(parts, failing, error);
}

/** What a provider failed at is not our fault: it is counted elsewhere, and not here. */
async function retriedUnlessHopeless(
  { entities }: FaultParts,
  { prepared, now }: Failing,
  error: unknown,
): Promise<unknown> {
  const { jobId, ordinal } = prepared.input;
  try {
    const unwritten = await countUnwrittenAttempts(entities.manager, jobId, ordinal);
    return failed(error, unwritten >= UNWRITTEN_ATTEMPTS);
  } catch (away) {
    return isUnavailable(away) ? away : failed(error, now.attempt >= UNWRITTEN_ATTEMPTS);
  }
}

function isOurs(error: unknown): boolean {
  return !(error instanceof ApplicationFailure || error instanceof CancelledFailure || isUnavailable(error));
}

/** A bug stays a bug however often it is tried. */
function isBroken(error: unknown): boolean {
  return error instanceof InvariantViolation || (error instanceof ApplicationFailure && error.type === 'broken');
}

function failed(error: unknown, nonRetryable: boolean): ApplicationFailure {
  const cause = isError(error) ? error : new Error('what was thrown is no error');
  const message = 'what a step brought could not be written down';
  return ApplicationFailure.create({
    message,
    type: NOT_RECORDED,
    nonRetryable,
    nextRetryDelay: AGAIN_AFTER_MS,
    cause,
  });
}

/** An answer that came too long ago, or was tried often enough. An outage is waited out, for its cost is not lost. */
export async function giveUpKept(parts: FaultParts, failing: Failing, answer: PaidAnswer): Promise<void> {
  try {
    await giveUp(parts, failing, answer);
  } catch (error) {
    if (isUnavailable(error)) throw error;
  }
}

/** Uncharged, with what it cost us on record. Where that cannot be written either, its successor closes the attempt. */
async function giveUp({ jobs }: FaultParts, { prepared, now }: Failing, answer: PaidAnswer): Promise<void> {
  const { input, work, payer, tryKey } = prepared;
  const post = {
    payer,
    tryKey,
    asOf: instant(input.asOf),
    order: {
      ordinal: input.ordinal,
      attempt: now.attempt,
      price: work.price,
      fault: NOT_RECORDED,
      meters: metersOf(answer, work.inputBytes),
      providerRequestId: answer.providerRequestId,
      latencyMs: answer.latencyMs,
    },
  };
  await askAgain(() => unlessBusy(jobs.failAttempt(post)), NEVER_ABORTED);
}

/** The provider's own count, where it is one; nothing that may have failed before is asked for more. */
function metersOf({ usage, text, latencyMs }: PaidAnswer, inputBytes: number): Meters {
  const bytes = inputBytes + Buffer.byteLength(text);
  const meters = { ...NO_USE, ...usage, calls: 1, milliseconds: latencyMs, bytes };
  return areMeters(meters) ? meters : { ...NO_USE, calls: 1 };
}
