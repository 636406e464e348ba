// Contracts room. What may be said to a job under way: cancel, try again, another budget; and that credits have moved.
import type { EndedJobState, EndReason } from '@fairmeter/domain';
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { WireRefusal } from './failure-codec.js';

/** The one ending of a job, whoever caused it. */
export interface JobEnding {
  readonly state: EndedJobState;
  readonly reason: EndReason;
}

/** Answers once the job has ended, with the ending it got: perhaps another one was faster. */
export const cancelUpdate = defineUpdate<JobEnding>('cancel');

/** A job that waits tries its step now; one that does not wait goes on as it is. */
export const resumeUpdate = defineUpdate<void>('resume');

export interface BudgetRequest {
  /** Names the change: under one name it is made once. */
  readonly changeKey: string;
  readonly maxMicroCredits: string;
  /** Who sets it for work that somebody else asked for: what becomes of it is written down in their name. */
  readonly asker?: BudgetAsker;
}

export interface BudgetAsker {
  readonly actor: { readonly role: string; readonly id: string };
  readonly requestId: string;
}

export type BudgetAnswer =
  | { readonly outcome: 'changed'; readonly maxMicroCredits: string }
  | { readonly outcome: 'refused'; readonly refusal: WireRefusal };

export const budgetUpdate = defineUpdate<BudgetAnswer, [BudgetRequest]>('changeBudget');

/** Something in the scope of the payer may let a waiting job go on. To any other job it means nothing. */
export const creditsChangedSignal = defineSignal('creditsChanged');

/** The type of a failed update where there is no job to steer: not admitted, or its ending is decided. */
export const NO_JOB_TO_STEER = 'no_job_to_steer';

export interface ChangeBudgetInput extends BudgetRequest {
  readonly jobId: string;
  readonly accountId: string;
  readonly asOf: number;
}

/** Local activities, as those of admission and ending are. */
export interface ControlActivities {
  changeBudget(input: ChangeBudgetInput): Promise<BudgetAnswer>;
}

/** One cancel of a job is like another: whoever asks second hears the answer of the first. */
export const CANCEL_UPDATE_ID = 'cancel';

export type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
