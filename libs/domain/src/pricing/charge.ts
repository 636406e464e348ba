// Domain room. From meters and a card to a charge, and from a forecast to a hold that the charge fits into.
import { ceilDiv, halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { largest, microCredits, shortfall, ZERO } from '../amounts/micro-credits.js';
import type { TokenMeters } from '../metering/meters.js';
import type { ModelPrice, TokenRates } from './rate-card.js';

const PER_MILLION = 1_000_000n;

/** A step's charge: every pool times its rate, rounded once, half up, to one micro-credit (requirements 2.3). */
export function tokenCharge(rates: TokenRates, used: TokenMeters): MicroCredits {
  const raw =
    BigInt(used.input) * rates.input +
    BigInt(used.cachedInput) * rates.cachedInput +
    BigInt(used.cacheWrite) * rates.cacheWrite +
    BigInt(used.output) * rates.output +
    BigInt(used.reasoning) * rates.reasoning;
  return microCredits(halfUpDiv(raw, PER_MILLION));
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

export interface StepForecast {
  readonly hold: MicroCredits;
  readonly maxOutputTokens: number;
}

/** The hold of a step within a ceiling: the answer's length gives way first, down to the least useful one. */
export function forecastStep(
  price: ModelPrice,
  need: { readonly inputTokens: number; readonly outputTokens: number },
  ceiling: MicroCredits,
): StepForecast | { readonly needs: MicroCredits } {
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
