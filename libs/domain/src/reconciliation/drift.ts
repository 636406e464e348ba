// Domain room. Drift: what ledger, meters and workflows say differently of the same thing. What is found, when it is
// certain, and what may be done about it without asking anybody.
import { ATTEMPT_LASTS_MS } from '../jobs/job.js';
import type { Instant } from '../time/instant.js';

export const DRIFT_KINDS = [
  'hold_without_workflow',
  'workflow_without_job',
  'meters_without_capture',
  'attempt_open_too_long',
  'attempt_unmetered',
  'provider_cost',
  'workflow_tasks_stuck',
  'step_not_begun',
  'refund_failed',
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** Nothing but listed; settled by the rule that is certain; or gone by itself meanwhile. */
export const DRIFT_DONE = ['listed', 'settled', 'gone'] as const;
export type DriftDone = (typeof DRIFT_DONE)[number];

/** What is so now and may be gone at the next look; all other drift is a fact of the past and stays found. */
export const PASSING_DRIFT = [
  'hold_without_workflow',
  'workflow_without_job',
  'attempt_open_too_long',
  'workflow_tasks_stuck',
  'step_not_begun',
] as const satisfies readonly DriftKind[];
export type PassingDrift = (typeof PASSING_DRIFT)[number];

export const WORKFLOW_ENDS = ['completed', 'failed', 'cancelled', 'terminated', 'timed_out', 'replaced'] as const;
export type WorkflowEnd = (typeof WORKFLOW_ENDS)[number];

/** What the server of workflows answered when it was asked; `never`: it knows of no such workflow. */
export type WorkflowStanding =
  { readonly state: 'open' } | { readonly state: 'closed'; readonly how: WorkflowEnd } | { readonly state: 'never' };

export interface JobToDoubt {
  readonly createdAt: Instant;
  readonly standing: WorkflowStanding;
}

/**
 * An open job is lost where its workflow is known to be closed or never to have been. Time alone proves nothing: the
 * grace only keeps from asking about what has just begun.
 */
export function isLost({ createdAt, standing }: JobToDoubt, now: Instant, graceMs: number): boolean {
  return isOldEnough(createdAt, now, graceMs) && standing.state !== 'open';
}

export function isOldEnough(since: Instant, now: Instant, graceMs: number): boolean {
  return since + graceMs <= now;
}

/** Twice as long as an attempt may last: its activity has been given up by then, and its successor closes it. */
export const ATTEMPT_OPEN_TOO_LONG_MS = 2 * ATTEMPT_LASTS_MS;
