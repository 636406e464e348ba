// Domain room. How models compare: what one costs beside another, and which plans may use it.
import { halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest } from '../amounts/micro-credits.js';
import { NO_TOKENS } from '../metering/meters.js';
import type { Plan } from '../plans/plan.js';
import { modelRefusedBy, NO_BOT_LIMITS } from '../plans/plan.js';
import { tokenCharge } from './charge.js';
import type { ModelPrice, RateCard } from './rate-card.js';

/** A plan as far as models go. */
export type PlanModels = Pick<Plan, 'name' | 'models'>;

/**
 * The plans that may use a model (C13, E19), as an admission would decide. A plan that is sold by the month and by the
 * year has one name.
 */
export function allowedPlans(price: ModelPrice, plans: readonly PlanModels[]): readonly string[] {
  const allowed = plans.filter((plan) => modelRefusedBy(price, plan, NO_BOT_LIMITS) === null);
  return [...new Set(allowed.map(({ name }) => name))];
}

/** Three tokens are read for each that is written. */
const USUAL_USE = { ...NO_TOKENS, input: 750_000, output: 250_000 };

/** How many times the cheapest model of the card, in tenths: 10 is the cheapest itself. */
export function relativeCostInTenths(price: ModelPrice, card: RateCard): bigint {
  const usual = (one: ModelPrice): MicroCredits => tokenCharge(one.rates, USUAL_USE);
  const cheapest = smallest(usual(price), ...card.models.map(usual).filter((charge) => charge > 0n));
  return cheapest <= 0n ? 10n : halfUpDiv(10n * usual(price), cheapest);
}
