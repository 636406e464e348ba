// Domain room. What happened to a job, as the outbox stores it and every door shows it: snake_case, amounts as
// decimal strings of credits. The event's number inside its scope is its SSE id.
import type { ScopeEvent } from '../ledger/events.js';
import type { LoopCause } from '../loops/finding.js';
import type { LoopSignal } from '../loops/policy.js';
import type { StageVerdict } from './moves.js';
import type { WaitCode } from './pause.js';
import type { ChargeClass, EndedJobState, EndReason, LoopAction, Stage, StepKind } from './job.js';

export type JobEvent =
  | {
      readonly type: 'job.accepted';
      readonly job_id: string;
      readonly bot_id: string;
      readonly model: string;
      readonly max_iterations: number;
      readonly max_credits: string;
      readonly held: string;
    }
  | {
      readonly type: 'step.started';
      readonly job_id: string;
      readonly step: number;
      readonly iteration: number;
      readonly stage: Stage;
      readonly kind: StepKind;
      readonly attempt: number;
      readonly held: string;
    }
  | {
      readonly type: 'attempt.failed';
      readonly job_id: string;
      readonly step: number;
      readonly attempt: number;
      readonly fault: string;
      readonly charge: string;
    }
  | {
      readonly type: 'step.ended';
      readonly job_id: string;
      readonly step: number;
      readonly iteration: number;
      readonly stage: Stage;
      readonly kind: StepKind;
      readonly charge: string;
      readonly charge_class: ChargeClass;
      readonly verdict: StageVerdict;
      readonly charged_so_far: string;
      readonly input_tokens: number;
      readonly output_tokens: number;
    }
  | {
      /** Stopped with its job: what the provider had produced by then is charged. */
      readonly type: 'step.cancelled';
      readonly job_id: string;
      readonly step: number;
      readonly iteration: number;
      readonly stage: Stage;
      readonly kind: StepKind;
      readonly charge: string;
      readonly charge_class: ChargeClass;
      readonly charged_so_far: string;
      readonly input_tokens: number;
      readonly output_tokens: number;
    }
  | {
      /** Begun and not ended in the time of an attempt: let go at no charge. */
      readonly type: 'step.abandoned';
      readonly job_id: string;
      readonly step: number;
      readonly iteration: number;
      readonly stage: Stage;
      readonly kind: StepKind;
      readonly attempt: number;
      readonly charge: string;
      /** What was set aside for it and went back. */
      readonly released: string;
    }
  | {
      readonly type: 'job.awaiting_credits';
      readonly job_id: string;
      /** The step that could not begin. */
      readonly step: number;
      readonly reason: WaitCode;
      readonly required: string;
      readonly available: string;
      readonly shortfall: string;
      /** What the pause gave back. */
      readonly released: string;
      readonly resets_at: string | null;
      readonly waits_until: string;
    }
  | {
      readonly type: 'job.budget_changed';
      readonly job_id: string;
      readonly max_credits: string;
      readonly before: string;
    }
  | {
      readonly type: 'loop.found';
      readonly job_id: string;
      readonly signal: LoopSignal;
      readonly cause: LoopCause;
      readonly action: LoopAction;
      /** The step at whose end it was known, and those of this job that were counted. */
      readonly step: number;
      readonly steps: readonly number[];
      readonly amount: string;
    }
  | {
      readonly type: 'job.refunded';
      readonly job_id: string;
      readonly amount: string;
      readonly refunded: string;
      readonly charge: string;
      readonly available: string;
    }
  | {
      readonly type: 'job.ended';
      readonly job_id: string;
      readonly state: EndedJobState;
      readonly end_reason: EndReason;
      readonly charge: string;
      readonly iterations: number;
      readonly steps: number;
      /** What the payer has from now on (D6): whoever hears of the end need not ask. */
      readonly available: string;
    };

/** Everything the outbox may hold. */
export type LedgerEvent = JobEvent | ScopeEvent;

export type JobEventType = JobEvent['type'];
