// Activities room. What a step does between its two transactions, whatever kind it is: a model's answer or our tool.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Meters, MicroCredits, StageVerdict, StepPrice, StepReport } from '@fairmeter/domain';
import type { JobPayer } from '@fairmeter/ledger';
import type { AnswerTold } from '@fairmeter/records';
import type { PinnedJob } from '../jobs/job-memory.js';

/** One try of one step, as its work needs to know it. */
export interface Try {
  readonly input: RunStepInput;
  readonly attempt: number;
  readonly startedMs: number;
  readonly signal: AbortSignal;
  /** What this very try was answered before its worker was lost or failed: it is not asked for again. */
  readonly kept: PaidAnswer | null;
}

/** A model's answer as it came: paid for, whatever becomes of it. */
export interface PaidAnswer extends AnswerTold {
  readonly text: string;
}

/** What a try was answered, and whether whoever goes on with it will find it. */
export interface Brought {
  readonly answer: PaidAnswer;
  readonly isKept: boolean;
}

export interface StepWork {
  readonly job: PinnedJob;
  readonly price: StepPrice;
  /** What the request to a model carries: the bound of its input. Nothing where no model is asked. */
  readonly inputBytes: number;
  readonly inputMessages: number;
  /** Of this try, known as soon as a model has answered; null where none was asked. */
  readonly brought: Brought | null;
  run(now: Try, maxOutputTokens: number): Promise<WorkDone | WorkFailed | WorkStopped>;
}

interface Measured {
  readonly meters: Meters;
  readonly providerRequestId: string | null;
}

export interface WorkDone extends Measured {
  readonly kind: 'done';
  /** What the step brought, kept by reference before its end is committed. */
  readonly resultRef: string | null;
  readonly resultBytes: number;
  readonly verdict: StageVerdict;
  readonly report: StepReport;
  /** The provider told no usage: our own count stands in. */
  readonly unmetered: boolean;
  readonly region: string | null;
  /** A fault of ours: the step ends as it is, uncharged, and whoever watches for loops is told whose fault it was. */
  readonly fault: string | null;
}

export interface WorkFailed extends Measured {
  readonly kind: 'failed';
  readonly fault: string;
  readonly message: string;
  readonly status: number | null;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
}

/** Cut short from our side: what had come by then, and what it cost as far as anybody knows. */
export interface WorkStopped extends Measured {
  readonly kind: 'stopped';
  readonly resultRef: string | null;
  readonly resultBytes: number;
  readonly unmetered: boolean;
  readonly region: string | null;
}

/** A step that has its work and its price, as its transactions need to name it. */
export interface Prepared {
  readonly input: RunStepInput;
  readonly work: StepWork;
  readonly minimumCharge: MicroCredits;
  readonly payer: JobPayer;
  readonly tryKey: string;
}
