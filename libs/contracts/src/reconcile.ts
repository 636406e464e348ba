// Contracts room. Reconciliation: one long-lived workflow that compares ledger, meters and workflows, pass after pass.
export const RECONCILE_WORKFLOW = 'reconcile';

/** One in a namespace: whoever starts it again meets it. */
export const RECONCILE_WORKFLOW_ID = 'reconcile';

/** In the order in which a pass makes them: what was found before is looked at again first. */
export const RECONCILE_CHECKS = [
  'found_before',
  'open_jobs',
  'open_attempts',
  'ended_jobs',
  'open_workflows',
  'stuck_workflows',
  'stuck_steps',
] as const;
export type ReconcileCheck = (typeof RECONCILE_CHECKS)[number];

export interface ReconcileAt {
  readonly check: ReconcileCheck;
  /** Where its last page ended; null begins. */
  readonly after: string | null;
}

export interface ReconcileInput {
  /** Set by a run that goes on with the pass of an earlier one. */
  readonly from?: ReconcileAt;
}

export interface ReconcilePageInput {
  /** Null begins a pass. */
  readonly at: ReconcileAt | null;
  /** Set after a page that could not be made: the rest of its check is left to the next pass. */
  readonly skip?: true;
}

export interface ReconcilePage {
  readonly looked: number;
  readonly found: number;
  /** Null ends the pass. */
  readonly next: ReconcileAt | null;
}

/**
 * On the steps queue: they ask the server of workflows and walk through tables. Which check follows which is theirs to
 * say, so that a new one changes no history.
 */
export interface ReconcileActivities {
  reconcilePage(input: ReconcilePageInput): Promise<ReconcilePage>;
  /** Notes that a pass is over, and says how long to rest. */
  endReconcilePass(): Promise<{ readonly restMs: number }>;
}
