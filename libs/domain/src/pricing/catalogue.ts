// Domain room. How models compare: what one costs beside another, and which plans may use it.
import { halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest } from '../amounts/micro-credits.js';
import { NO_TOKENS } from '../metering/meters.js';
import { tokenCharge } from './charge.js';
import type { ModelPrice, RateCard } from './rate-card.js';

/** A plan as far as models go. Null: the plan names none, and all that are not premium may be used. */
export interface PlanModels {
  readonly name: string;
  readonly models: readonly string[] | null;
}

/** The plans that may use a model (C13, E19). Premium models need a plan that names them. */
export function allowedPlans(price: ModelPrice, plans: readonly PlanModels[]): readonly string[] {
  return plans
    .filter(({ models }) => (models === null ? price.tier !== 'premium' : models.includes(price.model)))
    .map(({ name }) => name);
}

/** Three tokens are read for each that is written. */
const USUAL_USE = { ...NO_TOKENS, input: 750_000, output: 250_000 };

/** How many times the cheapest model of the card, in tenths: 10 is the cheapest itself. */
export function relativeCostInTenths(price: ModelPrice, card: RateCard): bigint {
  const usual = (one: ModelPrice): MicroCredits => tokenCharge(one.rates, USUAL_USE);
  const cheapest = smallest(usual(price), ...card.models.map(usual).filter((charge) => charge > 0n));
  return cheapest <= 0n ? 10n : halfUpDiv(10n * usual(price), cheapest);
}
