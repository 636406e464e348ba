// Domain room. Is what a request asks for within its plan and its bot, and within the plan of the visitor who pays? The
// first limit it breaks is named, in one fixed order: model, iterations, context, artefact, deadline, budget. How many
// jobs run is asked last, by the admission.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { ModelPrice } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { BotLimits, LimitedBy, Plan } from './plan.js';
import { artefactsRefusedBy, hasModel, modelRefusedBy, namedBy, tighter } from './plan.js';

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
  /** Of the visitor who pays, at this bot: it lowers what the owner allows and raises nothing. */
  readonly visitorPlan?: Plan | null | undefined;
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
  const { plan, bot, usual, visitorPlan: own } = ground;
  const model = checkModel(wish, ground);
  if (!model.ok) return model;
  const iterations = tighter(plan.maxIterations, bot.maxIterations, own?.maxIterations);
  if (wish.maxIterations !== null && wish.maxIterations > iterations.limit) {
    const { limit, by } = iterations;
    return refuse({ code: 'iterations_over_plan', limit, asked: wish.maxIterations, ...namedBy(by, ground) });
  }
  const context = tighter(plan.maxContextTokens, bot.maxContextTokens, own?.maxContextTokens);
  if (wish.contextTokens > context.limit) {
    const { contextTokens: asked, contextBytes: bytes } = wish;
    const { limit, by } = context;
    return refuse({ code: 'context_over_plan', limit, asked, bytes, ...namedBy(by, ground) });
  }
  const noPacking = packingRefusedBy(ground);
  if (wish.asksForZip && noPacking !== null) {
    return refuse({ code: 'artefact_not_in_plan', asked: 'zip', ...namedBy(noPacking, ground) });
  }
  const deadline = checkDeadline(wish.deadline, ground);
  if (!deadline.ok) return deadline;
  const budget = tighter(plan.maxCredits, bot.maxCredits, own?.maxCredits);
  if (wish.maxCredits !== null && wish.maxCredits > budget.limit) {
    const { limit, by } = budget;
    return refuse({ code: 'budget_over_limit', limit, asked: wish.maxCredits, ...namedBy(by, ground) });
  }
  return accept({
    maxIterations: wish.maxIterations ?? Math.min(usual.maxIterations, iterations.limit),
    maxCredits: wish.maxCredits ?? smallest(usual.maxCredits, budget.limit),
    deadline: wish.deadline,
    lastsAtMostMs: tighter(plan.maxDeadlineMs, bot.maxDeadlineMs, own?.maxDeadlineMs).limit,
    mayPack: noPacking === null,
  });
}

function packingRefusedBy({ plan, bot, visitorPlan: own }: PlanGround): LimitedBy | null {
  return artefactsRefusedBy(plan, bot) ?? (own?.artefacts.allowed === false ? 'visitor_plan' : null);
}

function checkModel({ price }: PlanWish, ground: PlanGround): Outcome<null> {
  const { plan, bot, visitorPlan: own = null } = ground;
  const ownerSays = modelRefusedBy(price, plan, bot);
  if (ownerSays === null && (own === null || hasModel(own, price))) return accept(null);
  const limitedBy = ownerSays ?? 'visitor_plan';
  const { models } = limitedBy === 'plan' ? plan : (own ?? plan);
  const { tiers, names } = limitedBy === 'bot' ? { tiers: [], names: bot.models ?? [] } : models;
  return refuse({ code: 'model_not_in_plan', model: price.model, ...namedBy(limitedBy, ground), tiers, models: names });
}

/** A deadline that is over is no limit of a plan: nothing could be done for it. */
function checkDeadline(asked: Instant | null, ground: PlanGround): Outcome<null> {
  const { plan, bot, visitorPlan: own, now } = ground;
  if (asked === null) return accept(null);
  if (asked <= now) return refuse({ code: 'deadline_passed', asked });
  const { limit, by } = tighter(plan.maxDeadlineMs, bot.maxDeadlineMs, own?.maxDeadlineMs);
  const latest = instant(now + limit);
  return asked <= latest
    ? accept(null)
    : refuse({ code: 'deadline_over_limit', limit: latest, asked, ...namedBy(by, ground) });
}
