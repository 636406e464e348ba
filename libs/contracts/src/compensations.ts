// Contracts room. What was charged and goes back by a decision of people: the one activity by which support and reviews
// refund the steps of a job, and a compensation from its preview to its last posting.
import type { CompensationState, GrantVerdict, RefundLane, StaffMember } from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';

/** What people decide; automatic refunds are the job's own. */
export type DecidedLane = Exclude<RefundLane, 'auto'>;

export interface JobRefundOrder {
  readonly jobId: string;
  /** By their ordinals; `all` is every one of them. The last billable one takes the smallest charge along. */
  readonly steps: readonly number[] | 'all';
  /** What a review restores is always a lot of its own. */
  readonly form: 'origin_while_live' | 'compensation';
  readonly lane: DecidedLane;
  /** The id of the compensation or the case. */
  readonly caseRef: string;
  /** Which of several refunds of one case in one job, from 1: the same one again finds what was posted. */
  readonly round: number;
  readonly asOf: number;
}

/** `nothing_refundable`: whatever those steps were charged came back before, by whichever lane. */
export type JobRefund =
  | {
      readonly outcome: 'refunded';
      readonly refundedMicroCredits: string;
      readonly lots: readonly { readonly lotId: string; readonly amountMicroCredits: string }[];
    }
  | { readonly outcome: 'nothing_refundable' };

export const COMPENSATION_WORKFLOW = 'compensation';

export interface CompensationInput {
  readonly compensationId: string;
  /** Who must not be the second person. */
  readonly askedById: string;
  /** Ends with the preview: nobody has asked for the credits yet. */
  readonly previewOnly: boolean;
  /** Where an earlier run of it had got to in its preview. */
  readonly resumeAfter?: string;
}

/** The run that finds out what a compensation would come to is another one than that which posts it. */
export function compensationWorkflowId({
  compensationId,
  previewOnly,
}: Pick<CompensationInput, 'compensationId' | 'previewOnly'>): string {
  return `compensation/${compensationId}${previewOnly ? '/preview' : ''}`;
}

export interface CompensationAnswer {
  readonly state: CompensationState;
}

/** Answers once it stands, waits for a second person, or is under way page by page. */
export const compensationUpdate = defineUpdate<CompensationAnswer>('compensation');

export interface CompensationDecision {
  readonly verdict: GrantVerdict;
  readonly by: StaffMember;
  readonly reasonRef: string;
  readonly requestId: string;
}

/** The second person's. Refused at once, with the refusal as the failure's detail, where it cannot be heard. */
export const decideCompensationUpdate = defineUpdate<CompensationAnswer, [CompensationDecision]>('decideCompensation');

export interface CompensationAt {
  readonly compensationId: string;
  readonly asOf: number;
}

export interface OpenedCompensation extends CompensationAnswer {
  /** Until when a second person may decide; null where none is waited for. */
  readonly decideUntil: number | null;
}

export interface CompensationToForesee extends CompensationAt {
  /** The last job that was looked at; null begins. */
  readonly after: string | null;
}

export interface ForeseenCompensation {
  /** The last job that was looked at; null where none follows. */
  readonly next: string | null;
}

export interface PostedCompensation {
  readonly isDone: boolean;
}

export const COMPENSATION_CORRECTION_WORKFLOW = 'compensationCorrection';

/** Two who ask by one key meet in one run. */
export function correctionWorkflowId(correctionId: string): string {
  return `correction/${correctionId}`;
}

export interface CorrectionInput {
  /** Follows from the key of its request: it is done once. */
  readonly correctionId: string;
  readonly compensationId: string;
  readonly jobId: string;
  /** Null: all that is still there. */
  readonly mostMicroCredits: string | null;
  readonly bodyHash: string;
  readonly by: StaffMember;
  readonly reasonRef: string;
  readonly requestId: string;
}

export interface CorrectionDone {
  readonly outcome: 'taken_back' | 'not_posted';
}

/** Local, each one idempotent: a page that is done again finds what stands. */
export interface CompensationActivities {
  /** Refunds what is left of those steps, whichever lane asked before; for compensations and for reviews. */
  refundJobSteps(order: JobRefundOrder): Promise<JobRefund>;
  /** Writes down the jobs that it is about, and what each of them would get back. */
  previewCompensation(page: CompensationToForesee): Promise<ForeseenCompensation>;
  /** As it stands; what needs no second person is approved by this. */
  openCompensation(at: CompensationAt): Promise<OpenedCompensation>;
  /** Null where nobody decided in time: nothing is posted. */
  noteCompensationDecision(decided: {
    readonly compensationId: string;
    readonly decision: CompensationDecision | null;
  }): Promise<CompensationAnswer>;
  /** The next jobs that wait for it. */
  postCompensation(at: CompensationAt): Promise<PostedCompensation>;
  /** Takes back what was posted by mistake, as far as it is still there. */
  correctCompensation(correction: CorrectionInput & { readonly asOf: number }): Promise<CorrectionDone>;
}
