// Contracts room. What a bot with an agent of its own says to its job's workflow, and what it hears: hashes, counts and
// short names. Its words stay outside.
import type {
  AbandonResult,
  EndReason,
  LoopAction,
  LoopCause,
  LoopSignal,
  Meters,
  ReportedKind,
  ReportedThing,
  StepSeen,
} from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';
import type { WireRefusal } from './failure-codec.js';
import type { JobEnding } from './job-control.js';

/** Names a call: under one name and body it is made once, and answered alike whenever it comes again. */
export interface ReportedCall {
  readonly callKey: string;
  readonly bodyHash: string;
  /** The HTTP request that asks: an answer made for another one may be a stored one. */
  readonly requestId: string;
}

export interface BeginReportedRequest extends ReportedCall {
  readonly thing: ReportedThing;
  readonly iteration: number;
  /** A sub-agent: each has at most one open step. */
  readonly stream: string;
  /** An open step that is tried anew: its attempt is closed, uncharged. */
  readonly again?: number;
  readonly argsHash?: string;
  readonly need: { readonly inputTokens: number; readonly outputTokens: number };
}

export interface EndReportedRequest extends ReportedCall {
  readonly step: number;
  readonly attempt: number;
  readonly meters: Meters;
  /** No token was told of: if a model was asked, what the step said it would need stands in. */
  readonly noUsage: boolean;
  readonly unmetered: boolean;
  readonly green: boolean | null;
  readonly seen: Pick<StepSeen, 'resultHash' | 'errorFingerprint' | 'artefactHash' | 'counts' | 'evidence'>;
  /** Of a result that would be another one if it were the contents of a file: what it is if it is none. */
  readonly plainResultHash?: string;
  /** Something that was looked for is not there: what it was is part of the error. */
  readonly lookUpFailed: boolean;
  readonly resultBytes: number;
  readonly providerRequestId: string | null;
  readonly latencyMs: number;
}

export interface FinishReportedRequest extends ReportedCall {
  readonly state: 'completed' | 'completed_partial';
}

interface Answered {
  readonly requestId: string;
}

export interface ReportedRefused extends Answered {
  readonly outcome: 'refused';
  readonly refusal: WireRefusal;
  /** When it was said, by the workflow's clock. */
  readonly decidedAt: number;
  /** Set where the job pauses: until then at most. */
  readonly waitsUntil?: number;
}

export interface LoopVerdict {
  readonly signal: LoopSignal;
  readonly cause: LoopCause;
  readonly action: LoopAction;
  readonly steps: readonly number[];
  /** What was given back, a decimal string of credits. */
  readonly refunded: string;
}

export type BeginReportedAnswer =
  | (Answered & {
      readonly outcome: 'begun';
      readonly step: number;
      readonly attempt: number;
      readonly heldMicroCredits: string;
      readonly maxOutputTokens: number;
    })
  | ReportedRefused;

export type EndReportedAnswer =
  | (Answered & {
      readonly outcome: 'ended';
      readonly chargeMicroCredits: string;
      readonly chargedSoFarMicroCredits: string;
      readonly budgetLeftMicroCredits: string;
      readonly loop: LoopVerdict | null;
      /** Its use was taken from what it had said it would need. */
      readonly bounded: boolean;
      /** Set where the verdict ended the job. */
      readonly ending?: JobEnding;
    })
  | ReportedRefused;

export type FinishReportedAnswer =
  | (Answered & { readonly outcome: 'finished'; readonly ending: JobEnding; readonly loop: LoopVerdict | null })
  | ReportedRefused;

export const beginReportedUpdate = defineUpdate<BeginReportedAnswer, [BeginReportedRequest]>('beginReportedStep');
export const endReportedUpdate = defineUpdate<EndReportedAnswer, [EndReportedRequest]>('endReportedStep');
export const finishReportedUpdate = defineUpdate<FinishReportedAnswer, [FinishReportedRequest]>('finishReported');

/** The type of a rejected update: the job has ended, and the tables say how. */
export const REPORTED_JOB_OVER = 'reported_job_over';

/** An open step as the workflow remembers it, between its two ends. */
export interface OpenReportedStep {
  readonly step: number;
  readonly attempt: number;
  readonly stream: string;
  readonly iteration: number;
  readonly kind: ReportedKind;
  readonly name: string | null;
  readonly argsHash: string | null;
  readonly heldMicroCredits: string;
  readonly need: BeginReportedRequest['need'];
  /** When its attempt began, by the workflow's clock. Left out where it is not, or no longer, to be let go. */
  readonly since?: number;
}

/** What goes from one run of a reported job to the next. */
export interface ReportedState {
  readonly ordinal: number;
  readonly open: readonly OpenReportedStep[];
  /** The iteration each stream was last in. */
  readonly iterations: readonly (readonly [string, number])[];
  /** When its bot was last heard of, by the workflow's clock. */
  readonly heardAt: number;
  /** While it lacks credits: until when. */
  readonly waitsUntil?: number;
  /** What the last refused begin was refused for: the reason of an ending that follows from it. */
  readonly lacks?: Extract<EndReason, 'budget_reached' | 'credits_exhausted' | 'iterations_reached'>;
}

interface OfJob {
  readonly jobId: string;
  readonly accountId: string;
  readonly asOf: number;
}

export interface BeginReportedInput
  extends OfJob, Omit<BeginReportedRequest, 'requestId' | 'again' | 'stream' | 'argsHash'> {
  readonly ordinal: number;
  readonly heldByOthersMicroCredits: string;
  readonly blocked: WireRefusal | null;
  /** Absent while another step is under way: a job pauses between its steps. */
  readonly waitMs?: number;
}

export type BeginReportedStepResult =
  | {
      readonly outcome: 'begun';
      readonly step: number;
      readonly attempt: number;
      readonly heldMicroCredits: string;
      readonly maxOutputTokens: number;
    }
  | { readonly outcome: 'refused'; readonly refusal: WireRefusal; readonly waitsUntil?: number };

export interface EndReportedInput
  extends OfJob, Omit<EndReportedRequest, 'requestId' | 'noUsage' | 'lookUpFailed' | 'plainResultHash' | 'seen'> {
  readonly seen: StepSeen | null;
}

export type EndReportedStepResult =
  | {
      readonly outcome: 'ended';
      readonly chargeMicroCredits: string;
      readonly chargedSoFarMicroCredits: string;
      readonly budgetLeftMicroCredits: string;
    }
  | { readonly outcome: 'refused'; readonly refusal: WireRefusal };

export interface AbandonReportedInput extends OfJob {
  readonly ordinal: number;
  readonly attempt: number;
  readonly heldByOthersMicroCredits: string;
}

/** Local activities, as those of admission and ending are. */
export interface ReportedActivities {
  beginReportedStep(input: BeginReportedInput): Promise<BeginReportedStepResult>;
  endReportedStep(input: EndReportedInput): Promise<EndReportedStepResult>;
  /** Lets go of a step whose attempt may last no longer. */
  abandonReportedStep(input: AbandonReportedInput): Promise<AbandonResult>;
}

/** Half of each hash tells calls of one job apart for good, and stands in its history many times. */
function updateId(verb: string, { callKey, bodyHash }: Pick<ReportedCall, 'callKey' | 'bodyHash'>): string {
  return `${verb}/${callKey.slice(0, 32)}/${bodyHash.slice(0, 32)}`;
}

export function beginReportedUpdateId(call: Pick<ReportedCall, 'callKey' | 'bodyHash'>): string {
  return updateId('begin', call);
}

export function endReportedUpdateId(call: Pick<ReportedCall, 'callKey' | 'bodyHash'>): string {
  return updateId('end', call);
}

export function finishReportedUpdateId(call: Pick<ReportedCall, 'callKey' | 'bodyHash'>): string {
  return updateId('finish', call);
}
