// API room. Plans as people compare them.
import type { PlanLimits, PlanVersion } from '@fairmeter/domain';
import { formatCredits, instantToText, MODEL_TIERS, periodText, PLAN_FEATURES, PLAN_SCOPES } from '@fairmeter/domain';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { coinPrice } from '../purchases/purchase-body.js';

const MS_PER_MINUTE = 60_000;

export const plansQuery = z.strictObject({
  scope: z.enum(PLAN_SCOPES).optional().describe('Both by default.'),
});

const period = z.string().describe('An ISO 8601 duration: `P1M`, `P1Y` or `P30D`.');

const planLimits = z.object({
  max_iterations: z.int(),
  max_concurrent_jobs: z.int(),
  max_context_tokens: z.int(),
  max_credits: credits.describe('The largest budget of a job.'),
  max_deadline_minutes: z.int(),
  models: z.object({ tiers: z.array(z.enum(MODEL_TIERS)), names: z.array(z.string()) }),
  artefacts: z.object({ allowed: z.boolean(), max_files: z.int(), max_bytes: z.int() }),
});

export const planBody = z.object({
  id: z.string(),
  version: z.int(),
  effective_from: instantText,
  name: z.string().describe('Shared by a plan that is paid by the month and its twin that is paid by the year.'),
  scope: z.enum(PLAN_SCOPES).describe('`account`: the owner and team. `end_user`: one visitor at one bot.'),
  tier: z.int().describe('A higher one is an upgrade and takes effect at once.'),
  credits: z.object({
    per_period: credits,
    period: period.describe('How often they come. What is left of them ends with the period.'),
    per_day: credits.describe('Besides, each local day; 0 where there are none.'),
  }),
  billing: z
    .object({ period, price: coinPrice.describe('Of one billing period.') })
    .nullable()
    .describe('Null where the plan is free.'),
  team_seats: z.int(),
  features: z.array(z.enum(PLAN_FEATURES)),
  limits: planLimits.describe('Of one job.'),
});

export const plansBody = z.object({ data: z.array(planBody) });
export type PlansBody = z.output<typeof plansBody>;

export function toPlansBody(plans: readonly PlanVersion[]): PlansBody {
  return { data: plans.map(toPlanBody) };
}

export function toPlanBody(plan: PlanVersion): z.output<typeof planBody> {
  const { billingPeriod, price } = plan;
  return {
    id: plan.planId,
    version: plan.version,
    effective_from: instantToText(plan.effectiveFrom),
    name: plan.name,
    scope: plan.scope,
    tier: plan.tier,
    credits: {
      per_period: formatCredits(plan.periodAllowance),
      period: periodText(plan.creditPeriod),
      per_day: formatCredits(plan.dailyAllowance),
    },
    billing:
      billingPeriod === null || price === null
        ? null
        : {
            period: periodText(billingPeriod),
            price: { amount_minor: price.minor.toString(), iso_4217: price.currency },
          },
    team_seats: plan.teamSeats,
    features: [...plan.features],
    limits: toLimits(plan.limits),
  };
}

export function minutesOf(ms: number): number {
  return Math.floor(ms / MS_PER_MINUTE);
}

function toLimits(limits: PlanLimits): z.output<typeof planLimits> {
  const { models, artefacts } = limits;
  return {
    max_iterations: limits.maxIterations,
    max_concurrent_jobs: limits.maxConcurrentJobs,
    max_context_tokens: limits.maxContextTokens,
    max_credits: formatCredits(limits.maxCredits),
    max_deadline_minutes: minutesOf(limits.maxDeadlineMs),
    models: { tiers: [...models.tiers], names: [...models.names] },
    artefacts: { allowed: artefacts.allowed, max_files: artefacts.maxFiles, max_bytes: artefacts.maxBytes },
  };
}
