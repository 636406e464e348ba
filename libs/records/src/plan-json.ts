// Records room. A plan within the row of whatever is on it, so that one statement reads both.
import type { LoopPolicy, Plan } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import { loopsOf } from './plans.js';

/** As the domain has it, but for the amount: a JSON number would lose digits. */
export type PlanJson = Omit<Plan, 'maxCredits' | 'loops'> & {
  readonly maxCredits: string;
  readonly loops: Partial<LoopPolicy>;
};

/** Of the row of `records.plans` that the statement calls `p`. */
export const PLAN_JSON = `json_build_object('id', p.id, 'name', p.name, 'maxIterations', p.max_iterations,
    'maxConcurrentJobs', p.max_concurrent_jobs, 'maxContextTokens', p.max_context_tokens,
    'maxCredits', p.max_credits::text, 'maxDeadlineMs', p.max_deadline_ms,
    'models', json_build_object('tiers', p.model_tiers, 'names', p.model_names),
    'artefacts', json_build_object('allowed', p.artefacts_allowed, 'maxFiles', p.artefact_max_files,
      'maxBytes', p.artefact_max_bytes), 'loops', p.loops)`;

export function planOfJson({ loops, ...plan }: PlanJson): Plan {
  return { ...plan, ...loopsOf(loops), maxCredits: parseMicroCredits(plan.maxCredits) };
}
