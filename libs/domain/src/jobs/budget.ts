// Domain room. A new budget for a job under way: never below what is spent or set aside, never above what the plan
// allows. Nothing is held for it: a budget is a ceiling, and the next step is held against the new one.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, formatMicroCredits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { NO_CHANGES } from '../ledger/scope.js';
import type { BotLimits, Plan } from '../plans/plan.js';
import { namedBy, tighter } from '../plans/plan.js';
import type { JobFacts, JobPosting } from './facts.js';
import { hasEnded } from './job.js';

export interface BudgetOrder {
  readonly maxCredits: MicroCredits;
  /** What the job's bot may have now. */
  readonly plan: Pick<Plan, 'name' | 'maxCredits'>;
  readonly limits: Pick<BotLimits, 'maxCredits'>;
  /** Of the visitor who pays for the job, as it is now. */
  readonly visitorPlan?: Pick<Plan, 'name' | 'maxCredits'> | null;
}

export interface BudgetResult {
  readonly maxCredits: string;
  /** What it was until then; not told of changes of long ago. */
  readonly before?: string;
}

export function changeBudget(
  { job }: { readonly job: JobFacts | null },
  { maxCredits, plan, limits, visitorPlan }: BudgetOrder,
): Outcome<JobPosting<BudgetResult>> {
  if (job === null) return refuse({ code: 'job_not_found' });
  if (hasEnded(job.state)) return refuse({ code: 'job_ended', state: job.state });
  // What is set aside may be captured to the last: a budget below it would be broken by the step in flight.
  if (maxCredits < add(job.charge, job.held)) {
    return refuse({ code: 'budget_below_spent', budget: maxCredits, spent: job.charge, held: job.held });
  }
  const { limit, by } = tighter(plan.maxCredits, limits.maxCredits, visitorPlan?.maxCredits);
  // A budget that was given before a limit was lowered stays; only more of it is not to be had.
  if (maxCredits > limit && maxCredits > job.maxCredits) {
    return refuse({ code: 'budget_over_limit', limit, asked: maxCredits, ...namedBy(by, { plan, visitorPlan }) });
  }
  return accept({
    result: { maxCredits: formatMicroCredits(maxCredits), before: formatMicroCredits(job.maxCredits) },
    changes: NO_CHANGES,
    job: { ...job, maxCredits },
    steps: [],
    attempts: [],
    events: [
      {
        type: 'job.budget_changed',
        job_id: job.id,
        max_credits: formatCredits(maxCredits),
        before: formatCredits(job.maxCredits),
      },
    ],
  });
}
