// Domain room. What a caller says that a provider counted, made into exclusive pools. Where it cannot be so it is
// bounded and flagged: nobody is charged for a token twice, and nobody for more than was read.
import type { TokenMeters } from '../metering/meters.js';

/** As most providers tell it: what was cached is part of the input, reasoning is part of the output. */
export interface ProviderUsage {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

export const METER_FLAGS = [
  'cached_over_input',
  'reasoning_over_output',
  'system_over_input',
  'no_usage_reported',
] as const;
export type MeterFlag = (typeof METER_FLAGS)[number];

export interface ReadMeters {
  readonly tokens: TokenMeters;
  readonly flags: readonly MeterFlag[];
}

export function exclusivePools({ input, cachedInput, cacheWrite, output, reasoning }: ProviderUsage): ReadMeters {
  const cached = Math.min(cachedInput, input);
  const written = Math.min(cacheWrite, input - cached);
  const thought = Math.min(reasoning, output);
  const isOverInput = cachedInput + cacheWrite > input;
  return {
    tokens: {
      input: input - cached - written,
      cachedInput: cached,
      cacheWrite: written,
      output: output - thought,
      reasoning: thought,
    },
    flags: [
      ...(isOverInput ? (['cached_over_input'] as const) : []),
      ...(reasoning > output ? (['reasoning_over_output'] as const) : []),
    ],
  };
}

/** The share of system and auxiliary context lies inside what was read (requirements 2.1). */
export function systemWithin(tokens: TokenMeters, system: number): { system: number; flags: readonly MeterFlag[] } {
  const read = tokens.input + tokens.cachedInput + tokens.cacheWrite;
  return system <= read ? { system, flags: [] } : { system: read, flags: ['system_over_input'] };
}
