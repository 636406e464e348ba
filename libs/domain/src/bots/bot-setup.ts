// Domain room. What an owner may set a bot to: a plan is lowered by it and never raised. A limit that a later plan
// undercuts says nothing any more; one that is above the plan on the day is refused, for it would promise too much.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { BotLimits, Plan } from '../plans/plan.js';
import { artefactsRefusedBy, hasModel, modelRefusedBy, NO_BOT_LIMITS } from '../plans/plan.js';
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

interface FallbackGround extends Pick<SetupGround, 'plan' | 'rateCard'> {
  /** Of the visitor who asks and pays. */
  readonly visitorPlan?: Pick<Plan, 'models'>;
}

/** Refuses in the order in which a submit would: model, iterations, context, artefact, deadline, budget. */
export function decideBotSetup(setup: BotSetup, ground: SetupGround): Outcome<null> {
  const { limits } = setup;
  const models = checkModels(setup, ground);
  if (!models.ok) return models;
  const { plan, now } = ground;
  const byPlan = { plan: plan.name, limitedBy: 'plan' } as const;
  // A default that is above the bot's own limit gives way to it, as it does in every job.
  const iterations = Math.max(limits.maxIterations ?? 0, setup.defaultMaxIterations);
  if (iterations > plan.maxIterations) {
    return refuse({ code: 'iterations_over_plan', limit: plan.maxIterations, asked: iterations, ...byPlan });
  }
  if (limits.maxContextTokens !== null && limits.maxContextTokens > plan.maxContextTokens) {
    const { maxContextTokens: asked } = limits;
    return refuse({ code: 'context_over_plan', limit: plan.maxContextTokens, asked, bytes: 0, ...byPlan });
  }
  if (limits.artefacts === true && artefactsRefusedBy(plan, NO_BOT_LIMITS) !== null) {
    return refuse({ code: 'artefact_not_in_plan', asked: 'zip', ...byPlan });
  }
  if (limits.maxDeadlineMs !== null && limits.maxDeadlineMs > plan.maxDeadlineMs) {
    const [limit, asked] = [instant(now + plan.maxDeadlineMs), instant(now + limits.maxDeadlineMs)];
    return refuse({ code: 'deadline_over_limit', limit, asked, ...byPlan });
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
  const amounts = limits.maxCredits === null ? [defaultMaxCredits] : [defaultMaxCredits, limits.maxCredits];
  const { maxCredits: limit, name } = plan;
  const asked = amounts.find((amount) => amount > limit);
  if (asked !== undefined) return refuse({ code: 'budget_over_limit', limit, asked, plan: name, limitedBy: 'plan' });
  const { minimumCharge: minimum } = rateCard;
  return amounts.some((amount) => amount < minimum) ? refuse({ code: 'budget_below_minimum', minimum }) : accept(null);
}

/**
 * What a bot goes by once its plan does not have its model any more: the dearest that it may use, as the nearest to
 * what it had, of the same provider where there is one. Null where its own may be used still, and where none may.
 */
export function fallbackModel(
  { defaultModel, limits }: Pick<BotSetup, 'defaultModel' | 'limits'>,
  { plan, rateCard, visitorPlan: own }: FallbackGround,
): string | null {
  const allowed = rateCard.models.filter(
    (price) => modelRefusedBy(price, plan, limits) === null && (own === undefined || hasModel(own, price)),
  );
  if (allowed.some(({ model }) => model === defaultModel)) return null;
  const provider = priceOf(rateCard, defaultModel)?.provider;
  const alike = allowed.filter((price) => price.provider === provider);
  const [first, ...others] = alike.length > 0 ? alike : allowed;
  if (first === undefined) return null;
  return others.reduce((best, price) => (price.rates.output > best.rates.output ? price : best), first).model;
}
