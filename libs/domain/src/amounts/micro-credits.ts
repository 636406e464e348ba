// Domain room. The one money type and its one codec. 1 credit = 1,000,000 micro-credits; never a `number`.
declare const microCreditsBrand: unique symbol;
export type MicroCredits = bigint & { readonly [microCreditsBrand]: 'MicroCredits' };

export const MICRO_CREDITS_PER_CREDIT = 1_000_000n;
/** What a Postgres bigint holds: one bound for wire, memory and table. */
export const MAX_MICRO_CREDITS = 9_223_372_036_854_775_807n;
/** What one scope may have, and a day be given: sums of several stay within 64 bits, whatever comes back by refunds. */
export const MOST_OF_A_SCOPE: MicroCredits = (MAX_MICRO_CREDITS / 4n) as MicroCredits;

export const ZERO = 0n as MicroCredits;

/** Must be within 64 signed bits: a larger figure is a bug at the caller, not a business refusal. */
export function microCredits(value: bigint): MicroCredits {
  if (value > MAX_MICRO_CREDITS || value < -MAX_MICRO_CREDITS) {
    throw new RangeError(`outside 64 bits: ${value} micro-credits`);
  }
  return value as MicroCredits;
}

export function credits(whole: bigint): MicroCredits {
  return microCredits(whole * MICRO_CREDITS_PER_CREDIT);
}

const CREDIT_TEXT = /^(0|[1-9]\d{0,12})(?:\.(\d{1,6}))?$/;
const MICRO_TEXT = /^(0|-?[1-9]\d{0,18})$/;

/** HTTP form: a decimal string of credits with at most six decimals, no sign or exponent; else undefined. */
export function parseCredits(text: string): MicroCredits | undefined {
  const match = CREDIT_TEXT.exec(text);
  if (match === null) return undefined;
  const micro = BigInt(match[1] ?? '0') * MICRO_CREDITS_PER_CREDIT + BigInt((match[2] ?? '').padEnd(6, '0'));
  return micro > MAX_MICRO_CREDITS ? undefined : (micro as MicroCredits);
}

/** HTTP form, always six decimals, so that equal amounts are equal texts. */
export function formatCredits(amount: MicroCredits): string {
  const sign = amount < 0n ? '-' : '';
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % MICRO_CREDITS_PER_CREDIT).toString().padStart(6, '0');
  return `${sign}${magnitude / MICRO_CREDITS_PER_CREDIT}.${fraction}`;
}

/** Temporal and database form: a decimal string of micro-credits. */
export function parseMicroCredits(text: string): MicroCredits {
  if (!MICRO_TEXT.test(text)) throw new RangeError(`not a canonical amount of micro-credits: ${text.slice(0, 40)}`);
  return microCredits(BigInt(text));
}

export function formatMicroCredits(amount: MicroCredits): string {
  return amount.toString();
}

export function add(...amounts: MicroCredits[]): MicroCredits {
  return microCredits(amounts.reduce<bigint>((sum, amount) => sum + amount, 0n));
}

export function subtract(from: MicroCredits, amount: MicroCredits): MicroCredits {
  return microCredits(from - amount);
}

export function smallest(first: MicroCredits, ...others: MicroCredits[]): MicroCredits {
  return others.reduce((a, b) => (b < a ? b : a), first);
}

export function largest(first: MicroCredits, ...others: MicroCredits[]): MicroCredits {
  return others.reduce((a, b) => (b > a ? b : a), first);
}

/** `to - from`, but never below nothing. */
export function shortfall(to: MicroCredits, from: MicroCredits): MicroCredits {
  return to > from ? microCredits(to - from) : ZERO;
}
