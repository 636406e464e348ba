// API room. Which problems a visitor may be answered, and what is said of each. Total: a new code compiles only when it
// is said in every language, or is named here as one for others.
import type { ProblemCode } from '@fairmeter/contracts';

/** Of the books, the people and the machinery behind a bot: whatever visitors ask for, none of these answers it. */
export const FOR_OTHERS = [
  ...['account_not_active', 'publication_incomplete'],
  ...['budget_below_spent', 'operation_mismatch', 'amount_out_of_range', 'lot_exists', 'hold_not_found'],
  ...['hold_ended', 'job_not_reported', 'step_open', 'step_not_open', 'iterations_used_up', 'attempt_closed'],
  ...['lot_not_found', 'lot_taken_back', 'lot_ended', 'debt_outstanding', 'time_zone_invalid'],
  ...['nothing_refundable', 'grant_decided', 'second_person_needed', 'advice_needed', 'role_changed'],
  ...['training_limit_reached', 'member_limit_reached', 'key_limit_reached', 'spend_limit_reached'],
  ...['bot_limit_reached', 'headers_too_large', 'request_timeout', 'unauthenticated', 'key_invalid', 'key_misplaced'],
  ...['key_revoked', 'key_expired', 'key_not_found', 'key_not_active', 'guide_not_found', 'pack_not_found'],
  ...['transfer_not_found', 'transfer_open', 'transfer_over', 'token_invalid', 'token_unsigned'],
  ...['token_wrong_audience', 'token_expired', 'token_not_yet_valid', 'token_key_unknown', 'session_ended'],
  ...['csrf_token_wrong', 'sign_in_failed', 'account_not_named', 'member_not_found', 'last_owner', 'already_member'],
  ...['seats_taken', 'invitation_not_found', 'invitation_over', 'campaign_not_found', 'too_much_to_count'],
  ...['purchase_not_reversible', 'sales_export_not_in_plan', 'reversal_not_found', 'reversal_decided'],
  ...['drift_not_found', 'drift_resolved', 'custom_plan_request_not_found', 'custom_plan_request_open'],
  ...['custom_plan_request_decided', 'grant_not_found', 'contribution_rewarded', 'grant_unknown'],
  ...['compensation_not_found', 'compensation_decided', 'compensation_unknown', 'incident_not_found'],
  ...['loop_not_found', 'job_running', 'preview_not_usable', 'zone_change_limit', 'webhook_not_found'],
  ...['webhook_disabled', 'too_many_webhooks', 'webhooks_off', 'signature_invalid'],
] as const satisfies readonly ProblemCode[];

export type VisitorProblem = Exclude<ProblemCode, (typeof FOR_OTHERS)[number]>;

/** Several where the answer tells cases of a code apart, `else` for what none of them names. */
export type Detail = string | (Readonly<Record<string, string>> & { readonly else: string });

export interface ProblemWords {
  readonly title: string;
  readonly detail: Detail;
}

export type ProblemCatalogue = Readonly<Record<VisitorProblem, ProblemWords>>;

/** The member of the answer by which several details of a code are told apart. */
export const TOLD_APART: Readonly<Partial<Record<VisitorProblem, string>>> = {
  change_without_effect: 'why',
  over_bot_limit: 'limit_of',
};
