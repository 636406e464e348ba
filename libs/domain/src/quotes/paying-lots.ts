// Domain room. Which lots would pay an amount now, in the order in which they would: a look ahead that holds nothing.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest, subtract, ZERO } from '../amounts/micro-credits.js';

export interface PayingLine<Lot> {
  readonly lot: Lot;
  readonly amount: MicroCredits;
}

export interface Paying<Lot> {
  readonly lines: readonly PayingLine<Lot>[];
  /** What no lot would pay. */
  readonly missing: MicroCredits;
}

/** `lots` come in draw order; the first ones are used up first. */
export function payingLots<Lot extends { readonly open: MicroCredits }>(
  lots: readonly Lot[],
  amount: MicroCredits,
): Paying<Lot> {
  let missing = amount;
  const lines: PayingLine<Lot>[] = [];
  for (const lot of lots) {
    const part = smallest(lot.open, missing);
    if (part <= ZERO) continue;
    lines.push({ lot, amount: part });
    missing = subtract(missing, part);
  }
  return { lines, missing };
}
