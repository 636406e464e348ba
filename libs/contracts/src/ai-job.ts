// Contracts room. What crosses Temporal for one AI request: JSON-safe, small, ids and hashes instead of texts.
import type { EndedJobState, EndReason, RequestKind, Stage, StageVerdict, StepKind } from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';
import type { WireRefusal } from './failure-codec.js';

/**
 * Who asks. Any key of a bot is the same caller, so a rotated key finds the job again; so are the account's own keys.
 */
export interface JobCaller {
  readonly kind: 'bot' | 'account';
  readonly keyId: string;
}

export interface JobRequest {
  readonly accountId: string;
  readonly botId: string;
  readonly caller: JobCaller;
  readonly requestKind: RequestKind;
  readonly model: string | null;
  readonly maxIterations: number | null;
  readonly maxMicroCredits: string | null;
  /** Where records keeps the prompt, and its size: texts never enter a history (F23). */
  readonly promptRef: string;
  readonly promptBytes: number;
  /** The quote it was started from; left out where there was none. */
  readonly quoteId?: string;
}

export interface AiJobInput {
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly request: JobRequest;
  readonly traceparent: string;
  /** Set by a run that continues an earlier one as new. */
  readonly resume?: { readonly job: AdmittedJob; readonly progress: AiJobProgress };
}

/** How far the steps have come: all that the next step depends on. */
export interface AiJobProgress {
  readonly ordinal: number;
  readonly last: { readonly stage: Stage; readonly iteration: number; readonly verdict: StageVerdict } | null;
}

export interface AdmitRequest {
  readonly bodyHash: string;
  /** Epoch milliseconds after which nothing may be held any more. */
  readonly admitBefore: number;
  /** The HTTP request that asks: an answer made for another request may be a stored one. */
  readonly requestId: string;
}

export type AdmitAnswer =
  | { readonly outcome: 'admitted'; readonly jobId: string; readonly requestId: string }
  | {
      readonly outcome: 'refused';
      readonly refusal: WireRefusal;
      readonly requestId: string;
      readonly decidedAt: number;
      readonly runId: string;
    };

export const admitUpdate = defineUpdate<AdmitAnswer, [AdmitRequest]>('admit');

export type AiJobResult =
  | { readonly outcome: 'not_admitted'; readonly why: 'no_request' | 'refused' | 'job_of_another_run' }
  | { readonly outcome: 'ended'; readonly jobId: string; readonly state: EndedJobState; readonly reason: EndReason };

export interface AdmitJobInput {
  readonly workflowId: string;
  readonly runId: string;
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly request: JobRequest;
  readonly admitBefore: number;
  readonly asOf: number;
  readonly traceparent: string;
}

export type AdmitJobResult =
  | { readonly outcome: 'admitted'; readonly job: AdmittedJob }
  | { readonly outcome: 'job_of_another_run'; readonly jobId: string }
  | { readonly outcome: 'refused'; readonly refusal: WireRefusal; readonly decidedAt: number };

/** What the workflow must know of its job to order the steps; everything else it asks for by id. */
export interface AdmittedJob {
  readonly jobId: string;
  readonly botType: 'chat' | 'coding';
  readonly maxIterations: number;
}

export interface RunStepInput {
  readonly jobId: string;
  readonly ordinal: number;
  readonly iteration: number;
  readonly stage: Stage;
  readonly kind: StepKind;
  readonly asOf: number;
}

export type RunStepResult =
  | { readonly outcome: 'ended'; readonly verdict: StageVerdict; readonly chargeMicroCredits: string }
  | { readonly outcome: 'not_held'; readonly reason: 'credits_exhausted' | 'budget_reached' }
  | { readonly outcome: 'provider_refused' };

export interface SettleJobInput {
  readonly jobId: string;
  readonly accountId: string;
  readonly workflowId: string;
  readonly state: EndedJobState;
  readonly reason: EndReason;
  readonly asOf: number;
}

export interface SettleJobResult {
  readonly chargeMicroCredits: string;
}

/** Local activities on the workflow's own worker: one short idempotent transaction each. */
export interface JobActivities {
  admitJob(input: AdmitJobInput): Promise<AdmitJobResult>;
  settleJob(input: SettleJobInput): Promise<SettleJobResult>;
}

/** The type of a step's failure when its provider failed; any other type is a fault of ours. */
export const PROVIDER_FAULT = 'provider_fault';

/** Activities of the steps queue: they may take minutes and talk to the world. */
export interface StepActivities {
  runStep(input: RunStepInput): Promise<RunStepResult>;
}
