// Contracts room. A grant of credits on its way from who asks for it to its lot and the lot's end. Figures and words
// stay in records: ids alone cross Temporal, and what somebody said for a decision goes by reference.
import type { GrantState, GrantVerdict, StaffMember } from '@fairmeter/domain';
import { defineUpdate } from '@temporalio/workflow';

export const GRANT_WORKFLOW = 'grant';

export function grantWorkflowId(grantId: string): string {
  return `grant/${grantId}`;
}

export interface GrantInput {
  readonly grantId: string;
  /** Who must not be the second person. */
  readonly askedById: string;
}

export interface GrantAnswer {
  readonly state: GrantState;
}

/** Answers once the grant stands or waits for a second person. */
export const grantUpdate = defineUpdate<GrantAnswer>('grant');

export interface GrantDecision {
  readonly verdict: GrantVerdict;
  readonly by: StaffMember;
  readonly reasonRef: string;
  readonly requestId: string;
}

/** The second person's. Refused at once, with the refusal as the failure's detail, where it cannot be heard. */
export const decideGrantUpdate = defineUpdate<GrantAnswer, [GrantDecision]>('decide');

export interface GrantAt {
  readonly grantId: string;
  readonly asOf: number;
}

export interface OpenedGrant extends GrantAnswer {
  /** Until when a second person may decide. */
  readonly decideUntil: number;
}

export interface IssuedGrant extends GrantAnswer {
  /** When its end is to be told of; null where it has none, or none so far ahead. */
  readonly warnAt: number | null;
  readonly expiresAt: number | null;
}

/** Local, each one idempotent step. */
export interface GrantActivities {
  /** Approves what needs no second person, and rejects what cannot be given any more. */
  openGrant(grant: GrantAt): Promise<OpenedGrant>;
  /** Null where nobody decided in time: nothing is given. */
  noteGrantDecision(decided: {
    readonly grantId: string;
    readonly decision: GrantDecision | null;
  }): Promise<GrantAnswer>;
  issueGrant(grant: GrantAt): Promise<IssuedGrant>;
  warnOfGrantEnd(grant: GrantAt): Promise<void>;
  /** Books what is left of its lot as lapsed. */
  endGrant(grant: GrantAt): Promise<void>;
}
