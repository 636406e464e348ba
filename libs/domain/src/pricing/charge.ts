// Domain room. From meters and a card to a charge, and from a forecast to a hold that the charge fits into.
import { ceilDiv, halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { largest, microCredits, shortfall, ZERO } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { Meters, TokenMeters } from '../metering/meters.js';
import type { MicroDollars } from './micro-dollars.js';
import { microDollars } from './micro-dollars.js';
import type { PerTokenPool, PerUnit, StepPrice, TokenRates, UnitPrice } from './rate-card.js';

const PER_MILLION = 1_000_000n;

/** A step's charge: every meter times its rate, rounded once, half up, to one micro-credit (requirements 2.3). */
export function chargeOf(step: StepPrice, used: Meters): MicroCredits {
  return step.pricedBy === 'tokens'
    ? tokenCharge(step.price.rates, used)
    : microCredits(halfUpDiv(unitMillionths(step.price.rates, used), PER_MILLION));
}

export function tokenCharge(rates: TokenRates, used: TokenMeters): MicroCredits {
  return microCredits(halfUpDiv(tokenMillionths(rates, used), PER_MILLION));
}

/** What the use really cost us, rounded as a charge is. */
export function realCostOf(step: StepPrice, used: Meters): MicroDollars {
  const millionths =
    step.pricedBy === 'tokens' ? tokenMillionths(step.price.realCost, used) : unitMillionths(step.price.realCost, used);
  return microDollars(halfUpDiv(millionths, PER_MILLION));
}

function tokenMillionths(at: PerTokenPool<bigint>, used: TokenMeters): bigint {
  return (
    BigInt(used.input) * at.input +
    BigInt(used.cachedInput) * at.cachedInput +
    BigInt(used.cacheWrite) * at.cacheWrite +
    BigInt(used.output) * at.output +
    BigInt(used.reasoning) * at.reasoning
  );
}

const MILLIONTHS_PER_MILLISECOND = 1_000n;

function unitMillionths(at: PerUnit<bigint>, used: Pick<Meters, 'calls' | 'milliseconds' | 'bytes'>): bigint {
  return (
    BigInt(used.calls) * at.perCall * PER_MILLION +
    BigInt(used.milliseconds) * at.perSecond * MILLIONTHS_PER_MILLISECOND +
    BigInt(used.bytes) * at.perMillionBytes
  );
}

/** Rounded up, and at the dearest rate a token can fall under, so that a capture fits into the hold. */
export function worstCase(rates: TokenRates, inputTokens: number, outputTokens: number): MicroCredits {
  const inputRate = largest(rates.input, rates.cachedInput, rates.cacheWrite);
  const outputRate = largest(rates.output, rates.reasoning);
  return microCredits(ceilDiv(BigInt(inputTokens) * inputRate + BigInt(outputTokens) * outputRate, PER_MILLION));
}

/** What tops the job up to the smallest charge, a line of its own (C7). */
export function minimumLine(minimumCharge: MicroCredits, charged: MicroCredits, anyBillable: boolean): MicroCredits {
  return anyBillable ? shortfall(minimumCharge, charged) : ZERO;
}

/**
 * A byte-level tokenizer never makes more tokens than there are bytes, so bytes bound the input from above; a few
 * tokens per message frame it. Too high a bound only holds more for the seconds of the step, never charges more.
 */
export function inputTokensUpTo(bytes: number, messages: number): number {
  return bytes + 16 * (messages + 1);
}

/** Answers shorter than this are of no use; below it we would rather say that the credits do not reach. */
export const LEAST_OUTPUT_TOKENS = 256;

/** What a model is asked to read, and how long its answer may be. A unit's need is on the card. */
export interface TokenNeed {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface StepForecast {
  readonly hold: MicroCredits;
  /** How long the answer may be; 0 where no model answers. */
  readonly maxOutputTokens: number;
}

export type Forecast = StepForecast | { readonly needs: MicroCredits };

/** The hold of a step within a ceiling: a model's answer gives way first, down to the least useful one. */
export function forecastStep(step: StepPrice, need: TokenNeed | null, ceiling: MicroCredits): Forecast {
  if (step.pricedBy === 'units') {
    const hold = unitWorstCase(step.price);
    return hold <= ceiling ? { hold, maxOutputTokens: 0 } : { needs: hold };
  }
  invariant(need !== null, 'job.no-provider-call-without-hold', `a call of ${step.price.model} says not what it needs`);
  const { price } = step;
  const wanted = Math.min(need.outputTokens, price.maxOutputTokens);
  const full = worstCase(price.rates, need.inputTokens, wanted);
  if (full <= ceiling) return { hold: full, maxOutputTokens: wanted };
  const least = Math.min(wanted, LEAST_OUTPUT_TOKENS);
  const needs = worstCase(price.rates, need.inputTokens, least);
  if (needs > ceiling) return { needs };
  const outputRate = largest(price.rates.output, price.rates.reasoning);
  const spare = ((ceiling - needs) * PER_MILLION) / largest(outputRate, microCredits(1n));
  const maxOutputTokens = Math.min(wanted, least + Number(spare));
  return { hold: worstCase(price.rates, need.inputTokens, maxOutputTokens), maxOutputTokens };
}

/** One call as long and as large as the card allows, rounded up. */
export function unitWorstCase({ rates, most }: UnitPrice): MicroCredits {
  const used = { calls: 1, milliseconds: most.seconds * 1_000, bytes: most.bytes };
  return microCredits(ceilDiv(unitMillionths(rates, used), PER_MILLION));
}

export const BANDS = ['micro', 'small', 'larger', 'open_ended', 'beyond'] as const;
export type Band = (typeof BANDS)[number];

/** Bands describe and never clamp (C8, X11). Nothing charged has no band. */
export function bandOf(charge: MicroCredits): Band | null {
  if (charge <= 0n) return null;
  if (charge < 500_000n) return 'micro';
  if (charge < 1_000_000n) return 'small';
  if (charge < 5_000_000n) return 'larger';
  return charge <= 20_000_000n ? 'open_ended' : 'beyond';
}
