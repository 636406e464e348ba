// Contracts room. A usage review on its way from a report to its end. What people write stays in records: ids, states
// and instants alone cross Temporal, and words go by reference.
import type {
  ReviewCause,
  ReviewDetail,
  ReviewSaying,
  ReviewStanding,
  ReviewState,
  StaffMember,
} from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';
import type { WireRefusal } from './failure-codec.js';

export const USAGE_REVIEW_WORKFLOW = 'usageReview';

export function usageReviewWorkflowId(caseId: string): string {
  return `review/${caseId}`;
}

export interface UsageReviewInput {
  readonly caseId: string;
}

/** Steps of one job. */
export interface PickedSteps {
  readonly jobId: string;
  readonly steps: 'all' | readonly number[];
}

/** Who says it, as the audit names them, and by which request. */
export interface ReviewSpeaker {
  /** Of the word: under it it is heard once. */
  readonly key?: string;
  readonly actor: { readonly role: string; readonly id: string };
  readonly requestId: string;
}

/** What is said in a case. `wordsRef`: what was written with it, kept where it can be erased. */
export type ReviewWord = ReviewSpeaker & { readonly wordsRef: string | null } & (
    | {
        readonly says: 'inform' | 'reopen';
        /** Of the mail that says so: a case hears each one once. */
        readonly mailKey?: string;
      }
    | { readonly says: 'ask'; readonly by: StaffMember; readonly missing: readonly ReviewDetail[] }
    | { readonly says: 'analyse' | 'approve' | 'send_back'; readonly by: StaffMember }
    | (Extract<ReviewSaying, { says: 'decide' }> & {
        readonly cause: ReviewCause;
        /** Empty where all of the thread is meant. */
        readonly picked: readonly PickedSteps[];
        /** Of all that the decision says, its words included: by it a repeated request is known. */
        readonly hash: string;
      })
    | (Extract<ReviewSaying, { says: 'close' }> & { readonly tips: readonly string[] })
  );

/** A sentence is a piece of advice as a tip is. */
export function sayingOf(word: ReviewWord): ReviewSaying {
  return word.says === 'close' ? { ...word, advice: word.tips.length + (word.wordsRef === null ? 0 : 1) } : word;
}

export interface ReviewAnswer {
  readonly state: ReviewState;
}

/** Answers once the case is on its way. */
export const openedReviewUpdate = defineUpdate<ReviewAnswer>('opened');

/** Refused at once, with the refusal as the failure's detail, where it cannot be heard. */
export const sayInReviewUpdate = defineUpdate<ReviewAnswer, [ReviewWord]>('say');

/** A case as its workflow needs to know it; instants come from the calendar of whoever answers. */
export interface StandingReview extends ReviewStanding {
  /** When it should be answered, and when that is late; null where the clock does not run or nothing is left to do. */
  readonly targetAt: number | null;
  readonly dueAt: number | null;
  /** Until when missing details are waited for. */
  readonly infoUntil: number | null;
  /** What is to be restored; nothing unless it is granting. */
  readonly restore: readonly PickedSteps[];
  /** Of which round: a case that was opened again may restore once more. */
  readonly round: 1 | 2;
}

/** With why it could not be said, where only the tables know that. */
export type HeardReview = StandingReview & { readonly refused?: WireRefusal };

export interface ReviewAt {
  readonly caseId: string;
  readonly asOf: number;
}

/** Local but for decisions, each one idempotent step. */
export interface ReviewActivities {
  openReview(at: ReviewAt): Promise<StandingReview>;
  /** Does nothing where the case has gone on since. */
  noteReviewWord(at: ReviewAt & { readonly word: ReviewWord }): Promise<HeardReview>;
  /** Nobody completed it in time, or nobody answered in time: the row says which of them it is. */
  noteReviewTime(at: ReviewAt & { readonly passed: 'info' | 'target' | 'due' }): Promise<StandingReview>;
  /** The credits are there: from now on they may be told of. */
  noteReviewRestored(at: ReviewAt & { readonly restoredMicroCredits: string }): Promise<StandingReview>;
}

/** Reads a whole thread, and takes as long as that takes. */
export interface ReviewAnalysisActivities {
  analyseReview(at: ReviewAt): Promise<void>;
}
