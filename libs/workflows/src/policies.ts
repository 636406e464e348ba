// Workflows room. The one page of timeouts and retries, named by the nature of the effect, a reason beside each.
import { ATTEMPT_LASTS_MS } from '@fairmeter/domain';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * One short idempotent transaction. It is asked until it answers: giving up would leave an outcome unknown, and with
 * it perhaps a hold. Retries longer than a few seconds wait on a timer, so a long outage does not keep a task open.
 */
export const LEDGER_WRITE: LocalActivityOptions = {
  startToCloseTimeout: 5_000,
  localRetryThreshold: 3_000,
  retry: { initialInterval: 50, backoffCoefficient: 2, maximumInterval: 5_000 },
};

/**
 * A step may wait long for its provider, but no longer than an ended lot may still be captured. Silence
 * of 30 s means its worker is gone. How often a provider may fail, and how often a fault of our own may keep an answer
 * from being written down, is counted where answers are known; an outage of our own is waited out for an hour.
 */
export const STEP: ActivityOptions = {
  startToCloseTimeout: ATTEMPT_LASTS_MS,
  scheduleToCloseTimeout: 60 * 60_000,
  heartbeatTimeout: 30_000,
  cancellationType: 'TRY_CANCEL',
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 },
};

/**
 * A step of a job that may wait is heard out when it is stopped: what the provider had produced by then is charged, and
 * only the step knows. Its worker hears of the stop with its next heartbeat.
 */
export const STEP_TO_ITS_END: ActivityOptions = { ...STEP, cancellationType: 'WAIT_CANCELLATION_COMPLETED' };

/**
 * A tool of ours that answers at once: its step is done within the workflow's own task, where asking another queue
 * would cost more than the work. Tried for as long as any step; a pause of more than a few seconds waits on a timer.
 */
export const STEP_AT_ONCE: LocalActivityOptions = {
  startToCloseTimeout: 60_000,
  scheduleToCloseTimeout: 60 * 60_000,
  localRetryThreshold: 3_000,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 },
};

/** Within 10 s of a cancel nothing may be held any more, so the step has this long to say what it used. */
export const STEP_STOPS_WITHIN_MS = 8_000;

/** How long a run waits for the request that started it: longer than any client's patience, then it is nobody's. */
export const ADMIT_PATIENCE_MS = 30_000;

/**
 * One question to a payment provider, by a key of its own: asked until it answers, as long as somebody may still pay.
 * A buyer waits for the first answer, so the first tries follow soon.
 */
export const CHECKOUT: ActivityOptions = {
  startToCloseTimeout: 20_000,
  scheduleToCloseTimeout: 24 * 60 * 60_000,
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 5 * 60_000 },
};

const MINUTE_MS = 60_000;

/** When a checkout is looked at unasked: news of it usually comes by itself, and a checkout is open for a day. */
export const CHECKOUT_LOOKS_MS: readonly number[] = [1, 4, 10, 45, 180, 600, 601].map((minutes) => minutes * MINUTE_MS);
