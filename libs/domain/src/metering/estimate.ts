// Domain room. What is said of tokens beside a provider's own count: a floor under a broken stream, and our share.
import type { TokenMeters } from './meters.js';

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
