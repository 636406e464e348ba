// Domain room. A rate card is dated, versioned and never changed: a job pins its card (`price.pinned`).
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';

/** Micro-credits per million tokens of each exclusive pool. */
export interface TokenRates {
  readonly input: MicroCredits;
  readonly cachedInput: MicroCredits;
  readonly cacheWrite: MicroCredits;
  readonly output: MicroCredits;
  readonly reasoning: MicroCredits;
}

export interface ModelPrice {
  readonly model: string;
  readonly provider: string;
  readonly providerModel: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly rates: TokenRates;
}

export interface RateCard {
  readonly id: string;
  readonly effectiveFrom: Instant;
  readonly minimumCharge: MicroCredits;
  readonly models: readonly ModelPrice[];
}

export function priceOf(card: RateCard, model: string): ModelPrice | undefined {
  return card.models.find((price) => price.model === model);
}
