// Providers room: turns a provider's token counts into the exclusive pools of TokenMeters.
// It promises counts that are whole and never negative, and a flag for everything it had to doubt.
import type { TokenMeters } from '@fairmeter/domain';

export type UsageFlag =
  /** No count that can be charged: the caller must count for itself. Set exactly when usage is null. */
  | 'unmetered'
  /** A count below zero was reported. */
  | 'negative'
  /** A count was not a whole number that a double holds exactly. */
  | 'malformed'
  /** More cached tokens than input tokens: the cache pools were cut down to the input. */
  | 'cached_over_input'
  /** More reasoning tokens than output tokens: reasoning was cut down to the output. */
  | 'reasoning_over_output'
  /** Reported before the answer was complete, so a lower bound. */
  | 'partial';

export interface UsageReading {
  readonly usage: TokenMeters | null;
  readonly flags: readonly UsageFlag[];
}

/** Counts as they came over the wire, not yet believed. Missing input or output means unmetered; the others are 0. */
export interface ReportedTokens {
  readonly input?: unknown;
  readonly cachedInput?: unknown;
  readonly cacheWrite?: unknown;
  readonly output?: unknown;
  readonly reasoning?: unknown;
}

/** How a provider counts: which totals already contain which parts. */
export interface CountingCustom {
  readonly inputIncludesCache: boolean;
  readonly outputIncludesReasoning: boolean;
}

export const UNMETERED: UsageReading = Object.freeze({ usage: null, flags: Object.freeze(['unmetered'] as const) });

type Count = number | 'absent' | 'negative' | 'malformed';

function readCount(value: unknown): Count {
  if (value === undefined || value === null) {
    return 'absent';
  }
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    return 'malformed';
  }
  // Adding zero turns the -0 that JSON can spell into a plain 0.
  return value < 0 ? 'negative' : value + 0;
}

/**
 * A negative or malformed count makes the whole report unmetered: clamping one pool to zero would charge
 * a number that nobody measured, while the caller's own count is at least an upper bound.
 */
export function readUsage(reported: ReportedTokens, custom: CountingCustom): UsageReading {
  const counts = {
    input: readCount(reported.input),
    cachedInput: readCount(reported.cachedInput ?? 0),
    cacheWrite: readCount(reported.cacheWrite ?? 0),
    output: readCount(reported.output),
    reasoning: readCount(reported.reasoning ?? 0),
  };
  const { input, cachedInput, cacheWrite, output, reasoning } = counts;
  if (
    typeof input !== 'number' ||
    typeof cachedInput !== 'number' ||
    typeof cacheWrite !== 'number' ||
    typeof output !== 'number' ||
    typeof reasoning !== 'number'
  ) {
    return { usage: null, flags: ['unmetered', ...doubts(Object.values(counts))] };
  }
  return splitPools({ input, cachedInput, cacheWrite, output, reasoning }, custom);
}

function doubts(counts: readonly Count[]): UsageFlag[] {
  const flags: UsageFlag[] = [];
  if (counts.includes('negative')) {
    flags.push('negative');
  }
  if (counts.includes('malformed')) {
    flags.push('malformed');
  }
  return flags;
}

function splitPools(reported: TokenMeters, custom: CountingCustom): UsageReading {
  const flags: UsageFlag[] = [];
  let { input, cachedInput, cacheWrite, output, reasoning } = reported;
  if (custom.inputIncludesCache) {
    if (cachedInput + cacheWrite > input) {
      flags.push('cached_over_input');
      cachedInput = Math.min(cachedInput, input);
      cacheWrite = Math.min(cacheWrite, input - cachedInput);
    }
    input -= cachedInput + cacheWrite;
  }
  if (custom.outputIncludesReasoning) {
    if (reasoning > output) {
      flags.push('reasoning_over_output');
      reasoning = output;
    }
    output -= reasoning;
  }
  return { usage: { input, cachedInput, cacheWrite, output, reasoning }, flags };
}

/** Marks a reading taken from a stream that did not reach its end. */
export function asPartial(reading: UsageReading): UsageReading {
  return reading.usage === null ? reading : { usage: reading.usage, flags: [...reading.flags, 'partial'] };
}
