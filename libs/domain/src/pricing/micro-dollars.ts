// Domain room. What something really costs us, in millionths of a dollar. Staff alone see it, and no charge is made
// from it: a type of its own, so that it never slips in where credits are meant.
declare const microDollarsBrand: unique symbol;
export type MicroDollars = bigint & { readonly [microDollarsBrand]: 'MicroDollars' };

const DOLLAR_TEXT = /^(0|[1-9]\d{0,8})(?:\.(\d{1,6}))?$/;

/** A decimal string of dollars with at most six decimals; else undefined. */
export function parseDollars(text: string): MicroDollars | undefined {
  const match = DOLLAR_TEXT.exec(text);
  if (match === null) return undefined;
  return microDollars(BigInt(match[1] ?? '0') * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0')));
}

/** Six decimals, always: the millionths that there are. */
export function formatDollars(amount: MicroDollars): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

export function microDollars(value: bigint): MicroDollars {
  return value as MicroDollars;
}
