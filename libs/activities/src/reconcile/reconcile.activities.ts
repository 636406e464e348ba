// Activities room. Reconciliation: each page of each check compares what ledger, meters and workflows say of the same
// thing, and lists what differs. Only what is certain is put right.
import type {
  ReconcileActivities,
  ReconcileAt,
  ReconcileCheck,
  ReconcilePage,
  ReconcilePageInput,
} from '@fairmeter/contracts';
import { RECONCILE_CHECKS } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { saveReconcileMark } from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';
import { EndedJobs } from './ended-jobs.js';
import { FoundBefore } from './found-before.js';
import type { LostJobParts, Walked } from './lost-jobs.js';
import { LostJobs } from './lost-jobs.js';
import { OpenAttempts } from './open-attempts.js';
import { OpenWorkflowsCheck } from './open-workflows.js';
import { StuckSteps } from './stuck-steps.js';

export interface ReconcileParts extends LostJobParts {
  readonly everyMs: number;
  readonly stepWaitsMs: number;
}

/** When the last pass ended: an alarm is due where that is long ago. */
export const LAST_PASS = 'pass';

export class Reconciliation implements ReconcileActivities {
  private readonly checks: Readonly<Record<ReconcileCheck, (after: string | null) => Promise<Walked>>>;

  constructor(private readonly parts: ReconcileParts) {
    const lost = new LostJobs(parts);
    const steps = new StuckSteps(parts);
    const before = new FoundBefore(parts, lost, steps);
    const attempts = new OpenAttempts(parts);
    const ended = new EndedJobs(parts);
    const workflows = new OpenWorkflowsCheck(parts);
    this.checks = {
      found_before: async (after) => before.page(after),
      open_jobs: async (after) => lost.page(after),
      open_attempts: async (after) => attempts.page(after),
      ended_jobs: async (after) => ended.page(after),
      open_workflows: async (after) => workflows.withoutJob(after),
      stuck_workflows: async (after) => workflows.stuck(after),
      stuck_steps: async (after) => steps.page(after),
    };
  }

  async reconcilePage({ at, skip }: ReconcilePageInput): Promise<ReconcilePage> {
    const { check, after } = at ?? FIRST;
    if (skip === true) {
      this.parts.signs.saw('reconcile_failed');
      return { looked: 0, found: 0, next: following(check) };
    }
    return brokenIsFinal(async () => {
      const { looked, found, next } = await this.checks[check](after);
      return { looked, found, next: next === null ? following(check) : { check, after: next } };
    });
  }

  async endReconcilePass(): Promise<{ readonly restMs: number }> {
    const { entities, clock, everyMs } = this.parts;
    await saveReconcileMark(entities.manager, LAST_PASS, instant(clock.now()));
    return { restMs: everyMs };
  }
}

const FIRST: ReconcileAt = { check: RECONCILE_CHECKS[0], after: null };

function following(check: ReconcileCheck): ReconcileAt | null {
  const next = RECONCILE_CHECKS[RECONCILE_CHECKS.indexOf(check) + 1];
  return next === undefined ? null : { check: next, after: null };
}
