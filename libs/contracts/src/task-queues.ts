// Contracts room. Task queues by name, and which workflow runs where. Steps have a queue of their own: eager dispatch
// never bypasses its fairness. So has what nobody waits for: ten thousand renewals that fall due at once, or a
// day's jobs that get their credits back, are not to stand before one job.
import { COMPENSATION_WORKFLOW } from './compensations.js';
import { ACCOUNT_SUBSCRIPTION_WORKFLOW, END_USER_SUBSCRIPTION_WORKFLOW } from './subscriptions.js';

export const JOBS_QUEUE = 'fairmeter-jobs';
export const STEPS_QUEUE = 'fairmeter-steps';
export const BACKGROUND_QUEUE = 'fairmeter-background';

const IN_THE_BACKGROUND: ReadonlySet<string> = new Set([
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  COMPENSATION_WORKFLOW,
  END_USER_SUBSCRIPTION_WORKFLOW,
]);

/** The queue that a workflow of this type is started on. */
export function queueOf(workflow: string): string {
  return IN_THE_BACKGROUND.has(workflow) ? BACKGROUND_QUEUE : JOBS_QUEUE;
}
