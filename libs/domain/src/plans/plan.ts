// Domain room. What a plan allows one job, and what an owner has lowered of it for one bot. Bots and requests may lower
// a plan and never raise it.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { LoopPolicy } from '../loops/policy.js';
import type { ModelTier } from '../pricing/rate-card.js';

export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly maxIterations: number;
  /** Open jobs of the account at one time; one that waits for credits is open. */
  readonly maxConcurrentJobs: number;
  readonly maxContextTokens: number;
  /** The largest budget of a job. */
  readonly maxCredits: MicroCredits;
  /** How far ahead the deadline of a job may lie. */
  readonly maxDeadlineMs: number;
  readonly models: ModelLimit;
  readonly artefacts: ArtefactLimit;
  /** When repetition is a loop, where the plan says so; absent: as the house has it. */
  readonly loops?: Partial<LoopPolicy>;
}

/** Every model of these tiers, and besides them those that are named. */
export interface ModelLimit {
  readonly tiers: readonly ModelTier[];
  readonly names: readonly string[];
}

/** Of the project that is packed, before it is: its own files and their bytes. */
export interface ArtefactLimit {
  readonly allowed: boolean;
  readonly maxFiles: number;
  readonly maxBytes: number;
}

/** What both take. */
export function tighterArtefacts(one: ArtefactLimit, other: ArtefactLimit): ArtefactLimit {
  return {
    allowed: one.allowed && other.allowed,
    maxFiles: Math.min(one.maxFiles, other.maxFiles),
    maxBytes: Math.min(one.maxBytes, other.maxBytes),
  };
}

/** Null where the plan alone says. What is above the plan says nothing. */
export interface BotLimits {
  readonly maxIterations: number | null;
  readonly maxContextTokens: number | null;
  readonly maxCredits: MicroCredits | null;
  readonly maxDeadlineMs: number | null;
  /** Of the models that the plan allows, these. */
  readonly models: readonly string[] | null;
  readonly artefacts: boolean | null;
}

export const NO_BOT_LIMITS: BotLimits = {
  maxIterations: null,
  maxContextTokens: null,
  maxCredits: null,
  maxDeadlineMs: null,
  models: null,
  artefacts: null,
};

/** Of the account's plan, of its bot, or of the plan that the visitor who pays has at the bot. */
export const LIMITED_BY = ['plan', 'bot', 'visitor_plan'] as const;
export type LimitedBy = (typeof LIMITED_BY)[number];
/** What an owner answers for. */
export type LimitedByOwner = Exclude<LimitedBy, 'visitor_plan'>;

/** A limit with whose it is: a person asks another person to change either. */
export interface Bound<T> {
  readonly limit: T;
  readonly by: LimitedBy;
}

/**
 * The lowest one; where two are equal the one that stands first here, since raising the other alone would not help.
 * `visitors`: of a visitor's plan, where one holds.
 */
export function tighter<T extends number | bigint>(plan: T, bot: T | null, visitors: T | null = null): Bound<T> {
  const owners: Bound<T> = bot !== null && bot < plan ? { limit: bot, by: 'bot' } : { limit: plan, by: 'plan' };
  return visitors !== null && visitors < owners.limit ? { limit: visitors, by: 'visitor_plan' } : owners;
}

/** Whose plans are named. Those of a visitor hold for jobs that this visitor pays for; null where there is none. */
export interface NamedPlans {
  readonly plan: Pick<Plan, 'name'>;
  readonly visitorPlan?: Pick<Plan, 'name'> | null | undefined;
}

/** A limit is named with the plan of whoever may change it, and never with anybody else's. */
export function namedBy(
  limitedBy: LimitedBy,
  { plan, visitorPlan }: NamedPlans,
): { readonly plan: string; readonly limitedBy: LimitedBy } {
  return { plan: (limitedBy === 'visitor_plan' ? (visitorPlan ?? plan) : plan).name, limitedBy };
}

export function hasModel({ models }: Pick<Plan, 'models'>, price: ModelOfTier): boolean {
  return models.tiers.includes(price.tier) || models.names.includes(price.model);
}

interface ModelOfTier {
  readonly model: string;
  readonly tier: ModelTier;
}

/** Who of the owner's says no to this model, if anybody. */
export function modelRefusedBy(
  model: ModelOfTier,
  plan: Pick<Plan, 'models'>,
  bot: Pick<BotLimits, 'models'>,
): LimitedByOwner | null {
  if (!hasModel(plan, model)) return 'plan';
  return bot.models === null || bot.models.includes(model.model) ? null : 'bot';
}

/** Who of the owner's says no to packed files, if anybody. */
export function artefactsRefusedBy(
  plan: Pick<Plan, 'artefacts'>,
  bot: Pick<BotLimits, 'artefacts'>,
): LimitedByOwner | null {
  if (!plan.artefacts.allowed) return 'plan';
  return bot.artefacts === false ? 'bot' : null;
}
