// Domain room. Whether what a finding gives back may go without a person.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { microCredits } from '../amounts/micro-credits.js';

export interface RefundCap {
  readonly percentOfCharges: bigint;
  readonly atLeast: MicroCredits;
}

/** Automatic refunds of a scope in 30 days. */
export const DEFAULT_REFUND_CAP: RefundCap = { percentOfCharges: 20n, atLeast: microCredits(10_000_000n) };

export interface CapQuestion {
  readonly amount: MicroCredits;
  /** Charges of the scope in the window, those of the job itself among them. */
  readonly charged: MicroCredits;
  readonly alreadyRefunded: MicroCredits;
  readonly cap: RefundCap;
}

/** Reaching the cap is allowed; a refund that would pass it goes to review as a whole. */
export function capRefund({ amount, charged, alreadyRefunded, cap }: CapQuestion): 'refund' | 'review' {
  const sum = alreadyRefunded + amount;
  return sum <= cap.atLeast || sum * 100n <= charged * cap.percentOfCharges ? 'refund' : 'review';
}
