// Domain room. What an owner may set a bot to: a plan is lowered by it and never raised. A limit that a later plan
// undercuts says nothing any more; one that is above the plan on the day is refused, for it would promise too much.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { BotLimits, LimitedBy, Plan } from '../plans/plan.js';
import { artefactsRefusedBy, modelRefusedBy, NO_BOT_LIMITS, tighter } from '../plans/plan.js';
import type { RateCard } from '../pricing/rate-card.js';
import { priceOf } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';

export interface BotSetup {
  readonly defaultModel: string;
  readonly defaultMaxIterations: number;
  readonly defaultMaxCredits: MicroCredits;
  readonly limits: BotLimits;
}

export interface SetupGround {
  readonly plan: Plan;
  readonly rateCard: RateCard;
  readonly now: Instant;
}

/** Refuses in the order in which a submit would: model, iterations, context, artefact, deadline, budget. */
export function decideBotSetup(setup: BotSetup, ground: SetupGround): Outcome<null> {
  const { limits } = setup;
  const models = checkModels(setup, ground);
  if (!models.ok) return models;
  const { plan, now } = ground;
  const over = (by: LimitedBy) => ({ plan: plan.name, limitedBy: by });
  const iterations = tighter(plan.maxIterations, limits.maxIterations);
  const mostIterations = Math.max(limits.maxIterations ?? 0, setup.defaultMaxIterations);
  if (mostIterations > iterations.limit) {
    return refuse({
      code: 'iterations_over_plan',
      limit: iterations.limit,
      asked: mostIterations,
      ...over(iterations.by),
    });
  }
  if (limits.maxContextTokens !== null && limits.maxContextTokens > plan.maxContextTokens) {
    const { maxContextTokens: asked } = limits;
    return refuse({ code: 'context_over_plan', limit: plan.maxContextTokens, asked, bytes: 0, ...over('plan') });
  }
  if (limits.artefacts === true && artefactsRefusedBy(plan, NO_BOT_LIMITS) !== null) {
    return refuse({ code: 'artefact_not_in_plan', asked: 'zip', ...over('plan') });
  }
  if (limits.maxDeadlineMs !== null && limits.maxDeadlineMs > plan.maxDeadlineMs) {
    const [limit, asked] = [instant(now + plan.maxDeadlineMs), instant(now + limits.maxDeadlineMs)];
    return refuse({ code: 'deadline_over_limit', limit, asked, ...over('plan') });
  }
  return checkBudget(setup, ground);
}

function checkModels({ defaultModel, limits }: BotSetup, { plan, rateCard }: SetupGround): Outcome<null> {
  for (const model of [...(limits.models ?? []), defaultModel]) {
    const price = priceOf(rateCard, model);
    if (price === undefined) return refuse({ code: 'model_not_priced', model });
    const limitedBy = modelRefusedBy(price, plan, limits);
    if (limitedBy !== null) {
      const allowed = limitedBy === 'plan' ? plan.models : { tiers: [], names: limits.models ?? [] };
      const { tiers, names: models } = allowed;
      return refuse({ code: 'model_not_in_plan', model, plan: plan.name, limitedBy, tiers, models });
    }
  }
  return accept(null);
}

function checkBudget({ defaultMaxCredits, limits }: BotSetup, { plan, rateCard }: SetupGround): Outcome<null> {
  const { limit, by } = tighter(plan.maxCredits, limits.maxCredits);
  const asked =
    limits.maxCredits !== null && limits.maxCredits > defaultMaxCredits ? limits.maxCredits : defaultMaxCredits;
  if (asked > limit) return refuse({ code: 'budget_over_limit', limit, asked, plan: plan.name, limitedBy: by });
  const least = limits.maxCredits !== null && limits.maxCredits < asked ? limits.maxCredits : defaultMaxCredits;
  const minimum = rateCard.minimumCharge;
  return least < minimum ? refuse({ code: 'budget_below_minimum', minimum }) : accept(null);
}
