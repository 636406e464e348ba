// Domain room. What stands in when a provider tells no usage: a count of our own, marked as such wherever it shows.
import type { TokenMeters } from './meters.js';
import { NO_TOKENS } from './meters.js';

/** Four bytes a token is what English and code come to; the meters carry `unmetered`, so it is listed as drift. */
const BYTES_PER_TOKEN = 4;

export function estimateTokens(inputBytes: number, outputBytes: number): TokenMeters {
  return {
    ...NO_TOKENS,
    input: Math.ceil(inputBytes / BYTES_PER_TOKEN),
    output: Math.ceil(outputBytes / BYTES_PER_TOKEN),
  };
}

/** What a stream reports before its end is a beginning: the text that has come by then may be far ahead of it. */
export function atLeast(reported: TokenMeters, own: TokenMeters): TokenMeters {
  return { ...reported, output: Math.max(reported.output, own.output) };
}

/**
 * The part of a request that is ours. Our tokenizer counts that part and the whole; the share is scaled to the input
 * that the provider counted, so that it never is more than all of it.
 */
export function systemShare(used: TokenMeters, systemTokens: number, inputTokens: number): number {
  const input = used.input + used.cachedInput + used.cacheWrite;
  return inputTokens === 0 ? 0 : Math.min(input, Math.round((input * systemTokens) / inputTokens));
}
