// API room. What was used, as every answer about cost writes it: tokens in exclusive pools, and the units beside them.
import type { Meters } from '@fairmeter/domain';
import { z } from 'zod';

export const tokens = z
  .object({
    input: z.int(),
    cached_input: z.int(),
    cache_write: z.int(),
    output: z.int(),
    reasoning: z.int(),
  })
  .describe('Exclusive pools: no token is counted in two of them.');
export type Tokens = z.output<typeof tokens>;

export const used = {
  tokens,
  system_tokens: z.int().describe('Share of system and auxiliary context inside the three input pools.'),
  calls: z.int(),
  milliseconds: z.int(),
  bytes: z.int(),
};

export function tokensBody(meters: Meters): Tokens {
  return {
    input: meters.input,
    cached_input: meters.cachedInput,
    cache_write: meters.cacheWrite,
    output: meters.output,
    reasoning: meters.reasoning,
  };
}

export function usedBody(meters: Meters): z.output<z.ZodObject<typeof used>> {
  const { system, calls, milliseconds, bytes } = meters;
  return { tokens: tokensBody(meters), system_tokens: system, calls, milliseconds, bytes };
}
