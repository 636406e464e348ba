// Domain room. What may be taken back of credits that were given by mistake: of each lot what the mistake put there and
// no more, less what was taken before or is being taken.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { CorrectionOrder } from '../ledger/lot-operations.js';

export interface Mistake {
  /** Where its credits went; a lot is named once for each step that it was paid for. */
  readonly parts: readonly { readonly lotId: string; readonly amount: MicroCredits }[];
  /** One that is not posted yet counts with all that it may take. */
  readonly earlier: readonly CorrectionOrder[];
}

/** Null asks for all that is left. */
export function planCorrection({ parts, earlier }: Mistake, asked: MicroCredits | null): CorrectionOrder {
  const given = add(ZERO, ...parts.map(({ amount }) => amount));
  const left = subtract(given, add(ZERO, ...earlier.map(({ most }) => most)));
  const most = asked === null ? left : smallest(left, asked);
  const restOf = new Map<string, MicroCredits>();
  for (const { lotId, amount } of parts) restOf.set(lotId, add(restOf.get(lotId) ?? ZERO, amount));
  for (const { lotId, most: gone } of earlier.flatMap(({ lots }) => lots)) {
    restOf.set(lotId, subtract(restOf.get(lotId) ?? ZERO, gone));
  }
  const lots = [...restOf].map(([lotId, rest]) => ({ lotId, most: smallest(most, rest) }));
  return { lots: lots.filter((lot) => lot.most > 0n), most };
}
