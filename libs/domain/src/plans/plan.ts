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

export type LimitedBy = 'plan' | 'bot';

/** A limit with whose it is: a person asks another person to change either. */
export interface Bound<T> {
  readonly limit: T;
  readonly by: LimitedBy;
}

/** The lower one; where both are equal the plan's, since lowering the bot's less would not help. */
export function tighter<T extends number | bigint>(plan: T, bot: T | null): Bound<T> {
  return bot !== null && bot < plan ? { limit: bot, by: 'bot' } : { limit: plan, by: 'plan' };
}

/** Who says no to this model, if anybody. */
export function modelRefusedBy(
  model: { readonly model: string; readonly tier: ModelTier },
  plan: Pick<Plan, 'models'>,
  bot: Pick<BotLimits, 'models'>,
): LimitedBy | null {
  const inPlan = plan.models.tiers.includes(model.tier) || plan.models.names.includes(model.model);
  if (!inPlan) return 'plan';
  return bot.models === null || bot.models.includes(model.model) ? null : 'bot';
}

/** Who says no to packed files, if anybody. */
export function artefactsRefusedBy(plan: Pick<Plan, 'artefacts'>, bot: Pick<BotLimits, 'artefacts'>): LimitedBy | null {
  if (!plan.artefacts.allowed) return 'plan';
  return bot.artefacts === false ? 'bot' : null;
}
