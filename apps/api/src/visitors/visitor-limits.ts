// API room. What one request may use under a visitor's plan, as that visitor is shown it: the plan's own figures, and
// where the bot takes less just that it does, for how much that is stays between its owner and us.
import type { BotTerms, Bound, PlanLimits, PlanVersion } from '@fairmeter/domain';
import { artefactsRefusedBy, formatCredits, hasModel, modelRefusedBy, tighter } from '@fairmeter/domain';
import { z } from 'zod';
import { toVisitorPlan, visitorPlan } from '../bots/bot-offers-body.js';
import { minutesOf } from '../catalogue/plans-body.js';
import { credits } from '../jobs/job-body.js';

const count = z.int().nullable();

export const visitorLimits = z
  .object({
    max_iterations: count,
    max_concurrent_jobs: count.describe('Requests of this visitor that run at one time.'),
    max_context_tokens: count,
    max_credits: credits.nullable().describe('The largest budget of a request.'),
    max_deadline_minutes: count,
    models: z.array(z.string()).describe('Those that a request may name.'),
    artefacts: z.object({ allowed: z.boolean(), max_files: count, max_bytes: count }),
  })
  .describe(
    'Of a request that is answered from this visitor\u2019s own units. Null: the bot takes less than the plan.',
  );
type VisitorLimits = z.output<typeof visitorLimits>;

export const limitedPlan = visitorPlan.extend({ limits: visitorLimits });

/** What the bot's owner lets it do. */
export type BotLimiting = Pick<BotTerms, 'plan' | 'limits' | 'rateCard'>;

export function toLimitedPlan(plan: PlanVersion, bot: BotLimiting): z.output<typeof limitedPlan> {
  return { ...toVisitorPlan(plan), limits: toVisitorLimits(plan.limits, bot) };
}

export function toVisitorLimits(own: PlanLimits, { plan, limits: bot, rateCard }: BotLimiting): VisitorLimits {
  const budget = reached(own.maxCredits, tighter(plan.maxCredits, bot.maxCredits));
  const deadline = reached(own.maxDeadlineMs, tighter(plan.maxDeadlineMs, bot.maxDeadlineMs));
  const { artefacts } = own;
  return {
    max_iterations: reached(own.maxIterations, tighter(plan.maxIterations, bot.maxIterations)),
    max_concurrent_jobs: reached(own.maxConcurrentJobs, tighter(plan.maxConcurrentJobs, null)),
    max_context_tokens: reached(own.maxContextTokens, tighter(plan.maxContextTokens, bot.maxContextTokens)),
    max_credits: budget === null ? null : formatCredits(budget),
    max_deadline_minutes: deadline === null ? null : minutesOf(deadline),
    models: rateCard.models
      .filter((price) => modelRefusedBy(price, plan, bot) === null && hasModel(own, price))
      .map(({ model }) => model),
    artefacts: {
      allowed: artefacts.allowed && artefactsRefusedBy(plan, bot) === null,
      max_files: reached(artefacts.maxFiles, tighter(plan.artefacts.maxFiles, null)),
      max_bytes: reached(artefacts.maxBytes, tighter(plan.artefacts.maxBytes, null)),
    },
  };
}

function reached<T extends number | bigint>(own: T, { limit }: Bound<T>): T | null {
  return own <= limit ? own : null;
}
