// Domain room. Which lot paid what of a step, and what of it may still be given back.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { LotPart } from '../ledger/hold-verbs.js';
import type { Hold } from '../ledger/hold.js';
import type { ReversedPart } from '../ledger/lot-verbs.js';
import { refundableOf } from '../ledger/hold.js';
import type { Share } from './facts.js';

export function shareOf({ lotId, amount }: LotPart): Share {
  return { lotId, amount, reversed: ZERO };
}

export function leftOf(shares: readonly Share[]): MicroCredits {
  return add(ZERO, ...shares.map((share) => subtract(share.amount, share.reversed)));
}

/** What a refund takes of shares, of no lot more than all refunds together have left of it. */
export interface Taken {
  readonly amount: MicroCredits;
  readonly shares: readonly Share[];
  readonly parts: readonly ReversedPart[];
}

/** What is left to refund of the lots of a hold; taking from it leaves less for whoever comes after. */
export class Refundable {
  private readonly left: Map<string, MicroCredits>;

  constructor(hold: Pick<Hold, 'lines'>) {
    this.left = new Map(hold.lines.map((line) => [line.lotId, refundableOf(line)]));
  }

  take(shares: readonly Share[], stepOrdinal?: number): Taken {
    const parts: ReversedPart[] = [];
    const after = shares.map((share) => {
      const left = this.left.get(share.lotId) ?? ZERO;
      const amount = smallest(left, subtract(share.amount, share.reversed));
      if (amount === 0n) return share;
      this.left.set(share.lotId, subtract(left, amount));
      parts.push({ lotId: share.lotId, amount, ...(stepOrdinal === undefined ? {} : { stepOrdinal }) });
      return { ...share, reversed: add(share.reversed, amount) };
    });
    return { amount: add(ZERO, ...parts.map((part) => part.amount)), shares: after, parts };
  }
}
