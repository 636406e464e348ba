// Contracts room. What crosses Temporal for one AI request: JSON-safe, small, ids and hashes instead of texts.
import type {
  BotType,
  EndedJobState,
  EndReason,
  Environment,
  Extras,
  ExtrasAsked,
  JobMarker,
  LoopFinding,
  LoopPolicy,
  LoopWatchState,
  NoteLoopResult,
  Program,
  Progress,
  Requester,
  RequestKind,
  Reserve,
  Stage,
  StageVerdict,
  StepKind,
  StepReport,
} from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';
import type { WireRefusal } from './failure-codec.js';
import type { JobEnding } from './job-control.js';
import type { ReportedState } from './reported-job.js';

/**
 * Who asks. Any key of a bot is the same caller, so a rotated key finds the job again; so are the account's own keys.
 */
export type JobCaller =
  | {
      readonly kind: 'bot' | 'account';
      readonly keyId: string;
      /** Of a test key; left out of every other, and of what was written before there were any. */
      readonly environment?: 'test';
    }
  /** Signed in, in the account of the job. */
  | { readonly kind: 'person'; readonly userId: string }
  /** Of the job's bot; under another id where somebody came back, and limits count on. */
  | { readonly kind: 'visitor'; readonly visitorId: string; readonly countedAs?: string };

/** As the table of payers and the job's row name them. */
export function requesterOf(caller: JobCaller): Requester & { readonly id: string } {
  switch (caller.kind) {
    case 'bot':
    case 'account':
      return { kind: caller.kind, id: caller.keyId };
    case 'person':
      return { kind: 'person', id: caller.userId };
    case 'visitor':
      return { kind: 'visitor', id: caller.visitorId };
  }
}

/** Where a caller acts: a test key in its account's test scope, everybody else live. */
export function environmentOfCaller(caller: JobCaller): Environment {
  return 'environment' in caller ? (caller.environment ?? 'live') : 'live';
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
  // Absent from histories of before they could be asked for.
  /** As the prompt: files that came along, by reference. */
  readonly contextRef?: string;
  readonly contextBytes?: number;
  readonly contextTokens?: number;
  readonly threadId?: string;
  /** Epoch milliseconds. */
  readonly deadline?: number;
  readonly extras?: ExtrasAsked;
  readonly reserve?: Reserve;
  /** The quote it was started from; left out where there was none. */
  readonly quoteId?: string;
  /** Left out of a managed one. */
  readonly mode?: 'reported';
  /** Work of the owner's that is told apart from use; left out of all other. */
  readonly marker?: JobMarker;
  /** The giveaway that is to pay; left out where there is none. */
  readonly campaignId?: string;
}

export interface AiJobInput {
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly request: JobRequest;
  readonly traceparent: string;
  /** Set by a run that continues an earlier one as new. */
  readonly resume?: {
    readonly job: AdmittedJob;
    readonly progress: Progress;
    readonly loops?: WatchedLoops;
    readonly reported?: ReportedState;
  };
}

/** What the loop detector has seen so far, and how often it found something. */
export interface WatchedLoops {
  readonly found: number;
  readonly state: LoopWatchState;
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
  readonly botType: BotType;
  /** Absent from histories of before there was a choice: the usual one of the type. */
  readonly program?: Program;
  readonly maxIterations: number;
  // Absent from histories of before they could be asked for.
  /** Epoch milliseconds after which the job ends with what it has. */
  readonly deadline?: number;
  readonly extras?: Extras;
  /** When repetition is a loop in this job; absent where nothing is watched. */
  readonly loopPolicy?: LoopPolicy;
  /** Of a job in a thread that is watched for loops over its jobs. */
  readonly thread?: JobThread;
  /** Whether the files are packed at the end. */
  readonly zip?: boolean;
  /** How long one pause for credits may last. Absent from histories of before jobs waited: such a job never does. */
  readonly waitMs?: number;
  /** How long a reported job may hear nothing of its bot; managed ones have none. */
  readonly idleMs?: number;
  /** How long a step of a reported job may be open. Absent from histories of before: as long as its job. */
  readonly stepMs?: number;
}

/** What a job takes over from the thread it was sent to. */
export interface JobThread {
  /** The scope that pays for this job. */
  readonly payer: string;
  /** Nothing that was asked in the thread before was the same: a person has spoken. */
  readonly newWords: boolean;
  /** What the jobs before it came to; absent for the first, and in a run that carries it on as its own. */
  readonly watched?: LoopWatchState;
}

export interface RunStepInput {
  readonly jobId: string;
  readonly ordinal: number;
  readonly iteration: number;
  readonly stage: Stage;
  readonly kind: StepKind;
  readonly asOf: number;
  /** Which tool call of which answer. */
  readonly call?: { readonly of: number; readonly index: number };
  /** The files before it. */
  readonly tree?: string;
  /** Set where a job waits for credits that are lacking; otherwise it ends. */
  readonly waitMs?: number;
}

export type RunStepResult =
  | {
      readonly outcome: 'ended';
      readonly verdict: StageVerdict;
      readonly chargeMicroCredits: string;
      /** Absent from histories of before there were tools. */
      readonly report?: StepReport;
    }
  | { readonly outcome: 'not_held'; readonly reason: 'credits_exhausted' | 'budget_reached' | 'deadline_reached' }
  /** The job pauses, until then at most; time alone may help earlier. */
  | { readonly outcome: 'waiting'; readonly until: number; readonly resetsAt: number | null }
  | { readonly outcome: 'provider_refused' };

export interface SettleJobInput {
  readonly jobId: string;
  readonly accountId: string;
  readonly workflowId: string;
  readonly state: EndedJobState;
  readonly reason: EndReason;
  readonly asOf: number;
}

export interface NoteLoopInput {
  readonly jobId: string;
  readonly accountId: string;
  readonly number: number;
  readonly finding: LoopFinding;
  readonly asOf: number;
}

export interface SettleJobResult {
  readonly chargeMicroCredits: string;
  /** Where an earlier try has settled with another ending than asked for: the one that stands. */
  readonly ending?: JobEnding;
}

/** Local activities on the workflow's own worker: one short idempotent transaction each. */
export interface JobActivities {
  admitJob(input: AdmitJobInput): Promise<AdmitJobResult>;
  settleJob(input: SettleJobInput): Promise<SettleJobResult>;
  /** Keeps what was found, and gives back what the platform caused. */
  noteLoop(input: NoteLoopInput): Promise<NoteLoopResult>;
}

/** The type of a step's failure when its provider failed; any other type is a fault of ours. */
export const PROVIDER_FAULT = 'provider_fault';

/** Activities of the steps queue: they may take minutes and talk to the world. */
export interface StepActivities {
  runStep(input: RunStepInput): Promise<RunStepResult>;
}
