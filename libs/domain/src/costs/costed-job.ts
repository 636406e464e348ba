// Domain room. What is known of a job's cost once it is written down: rows and ledger side by side.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';
import type { ChargeClass, JobState, Stage, StepKind } from '../jobs/job.js';
import type { StepReport } from '../jobs/moves.js';
import type { Meters } from '../metering/meters.js';

export interface CostedAttempt {
  readonly attempt: number;
  readonly state: 'open' | 'ended' | 'closed';
  readonly chargeClass: ChargeClass | null;
  readonly fault: string | null;
  readonly meters: Meters;
}

export interface CostedStep {
  readonly ordinal: number;
  readonly iteration: number;
  readonly kind: StepKind;
  readonly stage: Stage;
  readonly model: string | null;
  readonly tool: string | null;
  readonly chargeClass: ChargeClass | null;
  readonly charge: MicroCredits;
  readonly writtenOff: MicroCredits;
  readonly report: StepReport;
  /** What the ledger captured for it, by lot. */
  readonly paidFrom: readonly { readonly amount: MicroCredits }[];
  /** What the ledger wrote off for it. */
  readonly borne: MicroCredits;
  readonly attempts: readonly CostedAttempt[];
}

export interface CostedJob {
  readonly state: JobState;
  readonly charge: MicroCredits;
  readonly refunded: MicroCredits;
  readonly maxCredits: MicroCredits;
}

export interface CostedWhole {
  readonly job: CostedJob;
  readonly steps: readonly CostedStep[];
  readonly minimum: MicroCredits;
  readonly minimumPaidFrom: readonly { readonly amount: MicroCredits }[];
  readonly writtenOff: MicroCredits;
  readonly refunds: readonly { readonly amount: MicroCredits }[];
}

export function sumOf(parts: readonly { readonly amount: MicroCredits }[]): MicroCredits {
  return add(ZERO, ...parts.map(({ amount }) => amount));
}

/** The one attempt that its step was charged for. */
export function billableAttempts<A extends CostedAttempt>(step: { readonly attempts: readonly A[] }): A[] {
  return step.attempts.filter(({ chargeClass, state }) => chargeClass === 'billable' && state !== 'open');
}
