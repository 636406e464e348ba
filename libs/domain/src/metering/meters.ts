// Domain room. What a run used: counts, never money.

/**
 * Token counts in exclusive pools: `input` leaves out what was read from or written to a cache,
 * `output` leaves out reasoning. A provider's supersets are split before they reach this type.
 */
export interface TokenMeters {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Everything an attempt can use. An explicit 0 is a value. */
export interface Meters extends TokenMeters {
  /** Share of system and auxiliary context inside the three input pools: shown, charged inside them. */
  readonly system: number;
  readonly calls: number;
  readonly milliseconds: number;
  readonly bytes: number;
}

export const NO_TOKENS: TokenMeters = Object.freeze({
  input: 0,
  cachedInput: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
});

export const NO_USE: Meters = Object.freeze({ ...NO_TOKENS, system: 0, calls: 0, milliseconds: 0, bytes: 0 });

/** More than any provider could be asked in a lifetime of one attempt: beyond it a count is a mistake, not a use. */
const MOST_OF_ANYTHING = 1_000_000_000_000;

export function areMeters(meters: Meters): boolean {
  return Object.values(meters).every(
    (count: number) => Number.isSafeInteger(count) && count >= 0 && count <= MOST_OF_ANYTHING,
  );
}
