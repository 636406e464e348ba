// Domain room. Is what a request asks for within its plan and its bot? The first limit it breaks is named, in one fixed
// order: model, iterations, context, artefact, deadline, budget. How many jobs run is asked last, by the admission.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { ModelPrice } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { BotLimits, Plan } from './plan.js';
import { artefactsRefusedBy, modelRefusedBy, tighter } from './plan.js';

/** Null where the request leaves it to the bot. */
export interface PlanWish {
  readonly price: ModelPrice;
  readonly maxIterations: number | null;
  readonly contextTokens: number;
  readonly contextBytes: number;
  readonly asksForZip: boolean;
  readonly deadline: Instant | null;
  readonly maxCredits: MicroCredits | null;
}

export interface PlanGround {
  readonly plan: Plan;
  readonly bot: BotLimits;
  /** What holds where the request says nothing, within plan and bot. */
  readonly usual: { readonly maxIterations: number; readonly maxCredits: MicroCredits };
  readonly now: Instant;
}

export interface WithinLimits {
  readonly maxIterations: number;
  readonly maxCredits: MicroCredits;
  /** Of the request; null where it named none. */
  readonly deadline: Instant | null;
  /** As far ahead as a deadline may lie: it holds where the request names none. */
  readonly lastsAtMostMs: number;
  readonly mayPack: boolean;
}

export function decideLimits(wish: PlanWish, ground: PlanGround): Outcome<WithinLimits> {
  const { plan, bot, usual } = ground;
  const model = checkModel(wish, ground);
  if (!model.ok) return model;
  const iterations = tighter(plan.maxIterations, bot.maxIterations);
  if (wish.maxIterations !== null && wish.maxIterations > iterations.limit) {
    const { limit, by } = iterations;
    return refuse({ code: 'iterations_over_plan', limit, asked: wish.maxIterations, plan: plan.name, limitedBy: by });
  }
  const context = tighter(plan.maxContextTokens, bot.maxContextTokens);
  if (wish.contextTokens > context.limit) {
    const { contextTokens: asked, contextBytes: bytes } = wish;
    return refuse({
      code: 'context_over_plan',
      limit: context.limit,
      asked,
      bytes,
      plan: plan.name,
      limitedBy: context.by,
    });
  }
  const noPacking = artefactsRefusedBy(plan, bot);
  if (wish.asksForZip && noPacking !== null) {
    return refuse({ code: 'artefact_not_in_plan', asked: 'zip', plan: plan.name, limitedBy: noPacking });
  }
  const deadline = checkDeadline(wish.deadline, ground);
  if (!deadline.ok) return deadline;
  const budget = tighter(plan.maxCredits, bot.maxCredits);
  if (wish.maxCredits !== null && wish.maxCredits > budget.limit) {
    const { limit, by } = budget;
    return refuse({ code: 'budget_over_limit', limit, asked: wish.maxCredits, plan: plan.name, limitedBy: by });
  }
  return accept({
    maxIterations: wish.maxIterations ?? Math.min(usual.maxIterations, iterations.limit),
    maxCredits: wish.maxCredits ?? smallest(usual.maxCredits, budget.limit),
    deadline: wish.deadline,
    lastsAtMostMs: tighter(plan.maxDeadlineMs, bot.maxDeadlineMs).limit,
    mayPack: noPacking === null,
  });
}

function checkModel({ price }: PlanWish, { plan, bot }: PlanGround): Outcome<null> {
  const limitedBy = modelRefusedBy(price, plan, bot);
  if (limitedBy === null) return accept(null);
  return refuse({
    code: 'model_not_in_plan',
    model: price.model,
    plan: plan.name,
    limitedBy,
    tiers: limitedBy === 'plan' ? plan.models.tiers : [],
    models: limitedBy === 'plan' ? plan.models.names : (bot.models ?? []),
  });
}

/** A deadline that is over is no limit of a plan: nothing could be done for it. */
function checkDeadline(asked: Instant | null, { plan, bot, now }: PlanGround): Outcome<null> {
  if (asked === null) return accept(null);
  if (asked <= now) return refuse({ code: 'deadline_passed', asked });
  const { limit, by } = tighter(plan.maxDeadlineMs, bot.maxDeadlineMs);
  const latest = instant(now + limit);
  return asked <= latest
    ? accept(null)
    : refuse({ code: 'deadline_over_limit', limit: latest, asked, plan: plan.name, limitedBy: by });
}
