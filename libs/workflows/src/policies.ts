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
 * The same for what lives for years: nobody waits at a page for it, and each try after a few seconds costs its history
 * some events, so that an outage of days must not fill it.
 */
export const SUBSCRIPTION_WRITE: LocalActivityOptions = {
  ...LEDGER_WRITE,
  // A step is a decision, some effects and what is kept, each of them short.
  startToCloseTimeout: 15_000,
  retry: { initialInterval: 50, backoffCoefficient: 2, maximumInterval: 60_000 },
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

/** Reads a whole thread, and writes what was found in it or decided on it, again or once: asked until it answers. */
export const ANALYSIS: ActivityOptions = {
  startToCloseTimeout: 120_000,
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 30_000 },
};

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

/** A cancelled job has ended within 10 s; where no worker is there, it is looked for over some minutes more. */
export const ERASURE_LOOKS_MS: readonly number[] = [
  ...[200, 300, 500, 1_000, 2_000, 3_000, 5_000],
  ...Array.from({ length: 30 }, () => 10_000),
];

/**
 * One page of a comparison, which may be made again at any time. What still fails after some tries is left to the next
 * pass: the other checks must not wait for it.
 */
export const RECONCILE_PAGE: ActivityOptions = {
  startToCloseTimeout: 60_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 10_000, maximumAttempts: 4 },
};

/** Some twenty passes: a release that changes the order of commands meets a short history. */
export const RECONCILE_HISTORY_EVENTS = 1_000;

/** The end of a pass says when the next one begins: it is asked for until it is known. */
export const RECONCILE_END: ActivityOptions = {
  startToCloseTimeout: 10_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
};

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

/**
 * A payment that nobody waits at a page for, by a key of its own: asked until the provider answers, for an hour. After
 * that it is open: silence is no answer.
 */
export const KEPT_PAYMENT: ActivityOptions = { ...CHECKOUT, scheduleToCloseTimeout: 60 * 60_000 };

const MINUTE_MS = 60_000;

/** When a payment is looked at that is under way: some ways of paying take two weeks, and none takes a month. */
export const SLOW_PAYMENT_LOOKS_MS: readonly number[] = Array.from({ length: 60 }, () => 720 * MINUTE_MS);

/** When one that nobody waits at a page for is looked at: most are there at once. */
export const KEPT_PAYMENT_LOOKS_MS: readonly number[] = [
  ...[1, 4, 10, 45, 180].map((minutes) => minutes * MINUTE_MS),
  ...SLOW_PAYMENT_LOOKS_MS,
];

/** One try at an endpoint sends a bounded number of events, each with a time limit of its own. */
export const WEBHOOK: ActivityOptions = {
  startToCloseTimeout: 15 * 60_000,
  heartbeatTimeout: 70_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
};

/** Soon at first, since most failures are a restart; the last pause is repeated. */
export const WEBHOOK_PAUSES_MS: readonly number[] = [
  ...[1, 5, 30].map((seconds) => seconds * 1_000),
  ...[2, 10, 30, 60, 120, 240, 360].map((minutes) => minutes * MINUTE_MS),
];

/** Three days without one event that arrived: nobody listens there any more. */
export const WEBHOOK_PATIENCE_MS = 72 * 60 * MINUTE_MS;

/** How long a run of a subscription gets that has just done somebody's wish, or was not told when it was opened. */
export const SUBSCRIPTION_HISTORY_EVENTS = 200;

/** What is broken waits for a release that mends it: often enough for its owner, seldom enough for a history. */
export const BROKEN_STEP_PAUSE_MS = 60 * MINUTE_MS;

/** When a checkout is looked at unasked: news of it usually comes by itself, and a checkout is open for a day. */
export const CHECKOUT_LOOKS_MS: readonly number[] = [1, 4, 10, 45, 180, 600, 601].map((minutes) => minutes * MINUTE_MS);

/** A run of a compensation does so many pages: some thousand jobs, and a history that is read again at once. */
export const COMPENSATION_PAGES = 40;
