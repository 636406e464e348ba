// Domain room. A rate card is dated, versioned and never changed: a job pins its card (`price.pinned`).
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';
import type { MicroDollars } from './micro-dollars.js';

/** A figure for each exclusive token pool, per million tokens. */
export interface PerTokenPool<Amount> {
  readonly input: Amount;
  readonly cachedInput: Amount;
  readonly cacheWrite: Amount;
  readonly output: Amount;
  readonly reasoning: Amount;
}

export type TokenRates = PerTokenPool<MicroCredits>;

export const MODEL_TIERS = ['standard', 'premium'] as const;
export type ModelTier = (typeof MODEL_TIERS)[number];

export interface ModelPrice {
  readonly model: string;
  readonly provider: string;
  readonly providerModel: string;
  /** Which plans may use it follows from the tier (E19). */
  readonly tier: ModelTier;
  /** The line of models it belongs to: what people choose by, and how its tokens are counted. */
  readonly family: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly rates: TokenRates;
  /** What a use costs us; 0 where a card does not say. Staff only. */
  readonly realCost: PerTokenPool<MicroDollars>;
}

/** A figure for each unit in which a tool, an agent or a service is used (C6). */
export interface PerUnit<Amount> {
  readonly perCall: Amount;
  readonly perSecond: Amount;
  readonly perMillionBytes: Amount;
}

export const UNIT_KINDS = ['tool', 'build', 'packaging', 'agent', 'service'] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

export interface UnitPrice {
  /** `tool.write`, `tool.check`, `preview.build`, `packaging`, `service.<name>`, `agent.<name>`. */
  readonly item: string;
  readonly kind: UnitKind;
  readonly rates: PerUnit<MicroCredits>;
  /** As of a model: staff only. */
  readonly realCost: PerUnit<MicroDollars>;
  /** How much one call may use at most: what its hold is made for. */
  readonly most: { readonly seconds: number; readonly bytes: number };
}

/** What a step is priced by: a model by its tokens, everything else by calls, seconds and bytes. */
export type StepPrice =
  | { readonly pricedBy: 'tokens'; readonly price: ModelPrice }
  | { readonly pricedBy: 'units'; readonly price: UnitPrice };

export interface RateCard {
  readonly id: string;
  /** When it was made known; never after it takes effect (C11). */
  readonly announcedAt: Instant;
  readonly effectiveFrom: Instant;
  readonly minimumCharge: MicroCredits;
  readonly models: readonly ModelPrice[];
  readonly units: readonly UnitPrice[];
}

export function priceOf(card: RateCard, model: string): ModelPrice | undefined {
  return card.models.find((price) => price.model === model);
}

export function unitPriceOf(card: RateCard, item: string): UnitPrice | undefined {
  return card.units.find((price) => price.item === item);
}

/** What a card does not name costs nothing on it: cards of before tools were priced stay as they are. */
export function unpricedUnit(item: string, kind: UnitKind): UnitPrice {
  const nothing = { perCall: 0n, perSecond: 0n, perMillionBytes: 0n };
  return {
    item,
    kind,
    rates: nothing as PerUnit<MicroCredits>,
    realCost: nothing as PerUnit<MicroDollars>,
    most: { seconds: 0, bytes: 0 },
  };
}
