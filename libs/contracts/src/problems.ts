// Contracts room. The one registry of every code an answer can carry. Each has a page under docs/problems.
import type { FailureCode } from '@fairmeter/domain';

export interface Problem {
  readonly status: number;
  readonly title: string;
  /** Seconds after which the same request may succeed by waiting alone; absent where waiting does not help. */
  readonly retryAfterSeconds?: number;
}

/** Codes only the HTTP door knows. */
export type DoorCode =
  | 'malformed_request'
  | 'headers_too_large'
  | 'request_timeout'
  | 'not_found'
  | 'method_not_allowed'
  | 'malformed_json'
  | 'validation_failed'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'idempotency_key_missing'
  | 'idempotency_key_invalid'
  | 'unauthenticated'
  | 'key_invalid'
  | 'key_misplaced'
  | 'key_revoked'
  | 'key_expired'
  | 'visitor_token_invalid'
  | 'visitor_token_expired'
  | 'visitor_deleted'
  | 'visitor_not_found'
  | 'key_not_found'
  | 'key_not_active'
  | 'guide_not_found'
  | 'pack_not_found'
  | 'transfer_not_found'
  | 'transfer_open'
  | 'transfer_over'
  | 'bot_busy'
  | 'over_bot_limit'
  | 'token_invalid'
  | 'token_unsigned'
  | 'token_wrong_audience'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_key_unknown'
  | 'session_ended'
  | 'csrf_token_wrong'
  | 'sign_in_failed'
  | 'account_not_named'
  | 'account_not_found'
  | 'member_not_found'
  | 'last_owner'
  | 'already_member'
  | 'seats_taken'
  | 'invitation_not_found'
  | 'invitation_over'
  | 'forbidden'
  | 'campaign_not_found'
  | 'artefact_not_found'
  | 'artefact_expired'
  | 'file_not_found'
  | 'files_gone'
  | 'rate_limited'
  | 'too_much_to_count'
  | 'admission_unknown'
  | 'product_not_found'
  | 'purchase_not_found'
  | 'purchase_not_reversible'
  | 'sales_export_not_in_plan'
  | 'reversal_not_found'
  | 'reversal_decided'
  | 'thread_not_found'
  | 'drift_not_found'
  | 'drift_resolved'
  | 'checkout_unknown'
  | 'custom_plan_request_not_found'
  | 'custom_plan_request_open'
  | 'custom_plan_request_decided'
  | 'grant_not_found'
  | 'contribution_rewarded'
  | 'compensation_not_found'
  | 'compensation_decided'
  | 'compensation_unknown'
  | 'incident_not_found'
  | 'loop_not_found'
  | 'job_running'
  | 'preview_not_usable'
  | 'grant_unknown'
  | 'review_not_found'
  | 'review_unknown'
  | 'subscription_not_found'
  | 'subscription_unknown'
  | 'zone_change_limit'
  | 'webhook_not_found'
  | 'webhook_disabled'
  | 'too_many_webhooks'
  | 'webhooks_off'
  | 'signature_invalid'
  | 'service_unavailable'
  | 'internal_error';

export type ProblemCode = FailureCode | DoorCode;

/** Total over both unions: a new code compiles only when it has a status and a title. */
export const PROBLEMS = {
  credits_exhausted: { status: 402, title: 'Not enough credits' },
  idempotency_mismatch: { status: 409, title: 'This Idempotency-Key was used with another body' },
  admission_expired: { status: 503, title: 'The request waited too long to be admitted', retryAfterSeconds: 2 },
  account_not_active: { status: 403, title: 'The account is not active' },
  bot_not_found: { status: 404, title: 'No such bot' },
  bot_archived: { status: 409, title: 'The bot is archived' },
  no_credits_for_bot: { status: 402, title: 'No credits for this bot' },
  owner_work_only: { status: 403, title: 'Only the owner may ask for this' },
  campaign_not_running: { status: 409, title: 'The campaign is not running' },
  bot_private: { status: 403, title: 'The bot is not open to visitors' },
  publication_incomplete: { status: 422, title: 'The bot is not ready to be public' },
  model_not_priced: { status: 422, title: 'The model has no price on the rate card' },
  model_not_in_plan: { status: 403, title: 'The plan does not include this model' },
  iterations_over_plan: { status: 422, title: 'More iterations than the plan allows' },
  context_over_plan: { status: 422, title: 'More context than the plan allows' },
  artefact_not_in_plan: { status: 403, title: 'The plan does not include packed files' },
  deadline_passed: { status: 422, title: 'The deadline is over' },
  deadline_over_limit: { status: 422, title: 'The deadline is further ahead than the plan allows' },
  budget_over_limit: { status: 422, title: 'The budget is larger than the plan allows' },
  concurrency_limit: { status: 429, title: 'As many jobs as the plan allows are open', retryAfterSeconds: 5 },
  budget_below_minimum: { status: 422, title: 'The budget is below the smallest charge' },
  budget_too_small: { status: 422, title: 'The budget does not cover the first step' },
  budget_below_spent: { status: 422, title: 'The budget is below what the job has spent or set aside' },
  job_not_found: { status: 404, title: 'No such job' },
  job_ended: { status: 409, title: 'The job has ended' },
  operation_mismatch: { status: 409, title: 'This operation key was used with another body' },
  amount_out_of_range: { status: 422, title: 'The amount is out of range' },
  lot_exists: { status: 409, title: 'These credits were granted before' },
  hold_not_found: { status: 404, title: 'No such hold' },
  hold_ended: { status: 409, title: 'The hold has ended' },
  job_not_reported: { status: 409, title: 'The job is not a reported one' },
  step_open: { status: 409, title: 'A step is open' },
  step_not_open: { status: 409, title: 'The step is not open' },
  iterations_used_up: { status: 409, title: 'The job has no such iteration left' },
  attempt_closed: { status: 409, title: 'The attempt was closed before' },
  lot_not_found: { status: 404, title: 'No such lot' },
  lot_taken_back: { status: 409, title: 'These credits were taken back before' },
  lot_ended: { status: 409, title: 'These credits have ended' },
  debt_outstanding: { status: 402, title: 'A purchase was taken back after it was spent' },
  time_zone_invalid: { status: 422, title: 'There is no such time zone' },
  quote_not_found: { status: 404, title: 'No such quote' },
  plan_not_offered: { status: 422, title: 'There is no such plan to change to' },
  preview_stale: { status: 409, title: 'The preview was made for another period' },
  change_without_effect: { status: 409, title: 'The change would change nothing' },
  quote_expired: { status: 409, title: 'The quote has expired' },
  quote_mismatch: { status: 409, title: 'The request is not the one that was quoted' },
  nothing_refundable: { status: 409, title: 'There is nothing left to refund' },
  grant_decided: { status: 409, title: 'The grant was decided before' },
  second_person_needed: { status: 403, title: 'A second person has to approve' },
  review_in_state: { status: 409, title: 'The review does not wait for this' },
  review_reopened_before: { status: 409, title: 'The review was opened again before' },
  advice_needed: { status: 422, title: 'A review is closed with advice' },
  role_changed: { status: 403, title: 'Your role has changed' },
  free_usage_exhausted: { status: 402, title: 'The free answers of this bot are used up' },
  training_limit_reached: { status: 402, title: 'The training limit is reached' },
  campaign_limit_reached: { status: 402, title: 'The campaign is used up' },
  member_limit_reached: { status: 402, title: 'The limit of this member is reached' },
  key_limit_reached: { status: 402, title: 'The limit of this key is reached' },
  spend_limit_reached: { status: 402, title: 'The spend limit is reached' },
  bot_limit_reached: { status: 402, title: 'The limit of this bot is reached' },
  visitor_limit_reached: { status: 402, title: 'The limit for one visitor is reached' },
  ledger_busy: { status: 503, title: 'The ledger is busy', retryAfterSeconds: 1 },
  malformed_request: { status: 400, title: 'The request is not valid HTTP' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  not_found: { status: 404, title: 'Nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  validation_failed: { status: 422, title: 'The request does not fit its schema' },
  unsupported_media_type: { status: 415, title: 'Send application/json' },
  body_too_large: { status: 413, title: 'The body is too large' },
  idempotency_key_missing: { status: 400, title: 'An Idempotency-Key header is required' },
  idempotency_key_invalid: { status: 400, title: 'The Idempotency-Key is not usable' },
  unauthenticated: { status: 401, title: 'An API key is required' },
  key_invalid: { status: 401, title: 'The API key is not known' },
  key_revoked: { status: 401, title: 'The API key was revoked' },
  key_expired: { status: 401, title: 'The API key has expired' },
  visitor_token_invalid: { status: 401, title: 'The token of the visitor is not valid' },
  visitor_token_expired: { status: 401, title: 'The token of the visitor has expired' },
  visitor_deleted: { status: 401, title: 'The visitor was deleted' },
  visitor_not_found: { status: 404, title: 'No such visitor' },
  key_misplaced: { status: 401, title: 'The API key is in the wrong place' },
  key_not_found: { status: 404, title: 'No such API key' },
  key_not_active: { status: 409, title: 'The API key has ended or was replaced' },
  guide_not_found: { status: 404, title: 'The bot is told no such thing' },
  pack_not_found: { status: 404, title: 'No such pack' },
  transfer_not_found: { status: 404, title: 'No such transfer' },
  transfer_open: { status: 409, title: 'The bot is offered to an account already' },
  bot_busy: { status: 429, title: 'The bot is busy', retryAfterSeconds: 5 },
  over_bot_limit: { status: 422, title: 'The request asks for more than the bot takes' },
  transfer_over: { status: 409, title: 'The transfer is over' },
  token_invalid: { status: 401, title: 'The token does not hold' },
  token_unsigned: { status: 401, title: 'The token is not signed as it must be' },
  token_wrong_audience: { status: 401, title: 'The token is meant for somebody else' },
  token_expired: { status: 401, title: 'The token has expired' },
  token_not_yet_valid: { status: 401, title: 'The token is not valid yet' },
  token_key_unknown: { status: 401, title: 'The token was signed with an unknown key' },
  session_ended: { status: 401, title: 'The session is over' },
  csrf_token_wrong: { status: 403, title: 'The request did not come from our page' },
  sign_in_failed: { status: 401, title: 'The sign-in did not succeed' },
  account_not_named: { status: 403, title: 'It is not said in which account' },
  account_not_found: { status: 404, title: 'No such account' },
  member_not_found: { status: 404, title: 'No such member' },
  last_owner: { status: 409, title: 'An account needs an owner' },
  already_member: { status: 409, title: 'Already in the account' },
  seats_taken: { status: 409, title: 'Every seat of the plan is taken' },
  invitation_not_found: { status: 404, title: 'No such invitation' },
  invitation_over: { status: 410, title: 'The invitation is over' },
  forbidden: { status: 403, title: 'This key may not do that' },
  campaign_not_found: { status: 404, title: 'No such campaign' },
  artefact_not_found: { status: 404, title: 'The job has no file to download' },
  artefact_expired: { status: 410, title: 'The file of the job has expired' },
  file_not_found: { status: 404, title: 'The job has no such file' },
  files_gone: { status: 410, title: 'The files of the job are gone' },
  rate_limited: { status: 429, title: 'Too many requests', retryAfterSeconds: 1 },
  too_much_to_count: { status: 503, title: 'Too much to be counted in time', retryAfterSeconds: 10 },
  admission_unknown: { status: 503, title: 'Not known yet whether the job was admitted', retryAfterSeconds: 2 },
  product_not_found: { status: 404, title: 'No such offer' },
  purchase_not_found: { status: 404, title: 'No such purchase' },
  purchase_not_reversible: { status: 409, title: 'The money of this purchase is not here to be sent back' },
  sales_export_not_in_plan: { status: 403, title: 'The plan does not include sales' },
  reversal_not_found: { status: 404, title: 'No such reversal' },
  thread_not_found: { status: 404, title: 'No such thread' },
  drift_not_found: { status: 404, title: 'No such drift' },
  drift_resolved: { status: 409, title: 'The drift is closed already' },
  reversal_decided: { status: 409, title: 'The reversal was decided before' },
  checkout_unknown: { status: 503, title: 'Not known yet whether the checkout is open', retryAfterSeconds: 2 },
  custom_plan_request_not_found: { status: 404, title: 'No such request for a custom plan' },
  custom_plan_request_open: { status: 409, title: 'A request for a custom plan is open' },
  custom_plan_request_decided: { status: 409, title: 'The request for a custom plan does not wait for this' },
  grant_not_found: { status: 404, title: 'No such grant' },
  contribution_rewarded: { status: 409, title: 'This contribution was rewarded before' },
  grant_unknown: { status: 503, title: 'Not known yet what became of the grant', retryAfterSeconds: 2 },
  review_not_found: { status: 404, title: 'No such review' },
  review_unknown: { status: 503, title: 'Not known yet what became of the review', retryAfterSeconds: 2 },
  compensation_not_found: { status: 404, title: 'No such compensation' },
  compensation_decided: { status: 409, title: 'The compensation does not wait for this' },
  compensation_unknown: {
    status: 503,
    title: 'Not known yet what became of the compensation',
    retryAfterSeconds: 2,
  },
  incident_not_found: { status: 404, title: 'No such incident' },
  loop_not_found: { status: 404, title: 'No such loop' },
  job_running: { status: 409, title: 'The job has not ended' },
  preview_not_usable: { status: 409, title: 'Nothing can be posted by this preview' },
  subscription_not_found: { status: 404, title: 'No subscription' },
  subscription_unknown: {
    status: 503,
    title: 'Not known yet what became of the subscription',
    retryAfterSeconds: 2,
  },
  zone_change_limit: { status: 429, title: 'The time zone was changed today already' },
  webhook_not_found: { status: 404, title: 'No such webhook' },
  webhook_disabled: { status: 409, title: 'The webhook is disabled' },
  too_many_webhooks: { status: 409, title: 'The account has as many webhooks as it may' },
  webhooks_off: { status: 503, title: 'Webhooks are not set up here' },
  signature_invalid: { status: 400, title: 'The signature does not fit the message' },
  service_unavailable: { status: 503, title: 'A part of the service is not reachable', retryAfterSeconds: 2 },
  internal_error: { status: 500, title: 'Something broke on our side' },
} as const satisfies Record<ProblemCode, Problem>;
