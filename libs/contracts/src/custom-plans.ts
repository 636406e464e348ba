// Contracts room. A custom plan on its way from an offer of the staff to a version that one account may be on, or the
// end of its request. Ids alone cross Temporal: figures and words stay in records.
import type { CustomPlanState, StaffMember } from '@fairmeter/domain';

export const CUSTOM_PLAN_WORKFLOW = 'customPlan';

/** The same word on the same offer meets the same run. */
export function customPlanWorkflowId({
  customPlanRequestId,
  verdict,
  offerId,
  by,
}: Omit<CustomPlanInput, 'reasonRef' | 'requestId'>): string {
  return ['custom-plan', customPlanRequestId, verdict, offerId ?? 'none', by.id].join('/');
}

/** What was agreed takes effect as one change of the account's subscription, whoever asks for it, and how often. */
export function customPlanChangeId(customPlanRequestId: string): string {
  return `custom-plan/${customPlanRequestId}`;
}

export interface CustomPlanInput {
  readonly customPlanRequestId: string;
  readonly verdict: 'publish' | 'decline';
  /** The offer that is meant; in place of another one nothing is published. */
  readonly offerId: string | null;
  readonly by: StaffMember;
  readonly reasonRef: string;
  readonly requestId: string;
}

/** As the request stands then: an offer that is still `offered` waits for a second person. */
export interface CustomPlanAnswer {
  readonly state: CustomPlanState;
}

/** Local, one idempotent step. */
export interface CustomPlanActivities {
  decideCustomPlan(input: CustomPlanInput): Promise<CustomPlanAnswer>;
}
