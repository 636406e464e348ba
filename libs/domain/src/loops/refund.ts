// Domain room. What a finding gives back, and whether it may do so without a person.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, microCredits, ZERO } from '../amounts/micro-credits.js';
import type { LoopFinding } from './finding.js';
import type { StepRef } from './observed-step.js';

export interface LoopRefund {
  readonly amount: MicroCredits;
  readonly lines: readonly (StepRef & { readonly amount: MicroCredits })[];
}

/** `refundable` is what is left of a step's charge: each lane of refunds takes from the same rest (F14). */
export function refundOf(finding: LoopFinding, refundable: (step: StepRef) => MicroCredits): LoopRefund {
  const lines = finding.refundableSteps
    .map(({ jobId, ordinal }) => ({ jobId, ordinal, amount: refundable({ jobId, ordinal }) }))
    .filter(({ amount }) => amount > 0n);
  return { amount: add(ZERO, ...lines.map(({ amount }) => amount)), lines };
}

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
