// API room. What a refusal says to whom: each caller hears of what that caller can do, and a visitor of nothing that is
// the owner's: no figures, no plan, no standing of the account.
import type { CreditOption, Refusal } from '@fairmeter/domain';
import { withOptions } from '@fairmeter/domain';
import type { Caller } from '../callers/caller.js';
import type { ProblemMembers } from '../problems/problem-error.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { USUAL_LANGUAGE } from '../wording/catalogue.js';
import { sayProblem } from '../wording/problem-words.js';

export function toldRefusal(refusal: Refusal, caller: Caller, now: number): ProblemError {
  if (caller.kind === 'visitor') return toldVisitor(refusal, now);
  return refusalProblem(withOptions(refusal, optionsOf(caller, refusal)), now);
}

/** No API key can buy or upgrade, those are a person's decisions: all it can do at zero is to tell the owner. */
function optionsOf(caller: Exclude<Caller, { kind: 'visitor' }>, refusal: Refusal): readonly CreditOption[] {
  if (caller.role !== 'owner') return ['tell_owner'];
  const wait: readonly CreditOption[] = mayWait(refusal) ? ['wait'] : [];
  return refusal.code === 'credits_exhausted' ? ['buy_bundle', 'upgrade', ...wait] : wait;
}

function mayWait(refusal: Refusal): boolean {
  return 'resetsAt' in refusal && refusal.resetsAt !== null;
}

interface Told {
  readonly code: 'free_usage_exhausted' | 'campaign_limit_reached' | 'visitor_limit_reached' | BotRefusal;
  readonly members: ProblemMembers;
}

type BotRefusal = 'bot_private' | 'bot_busy' | 'over_bot_limit';

/** What is the owner's affair reads as the free answers being used up. */
const FREE: Told = {
  code: 'free_usage_exhausted',
  members: { limit_source: 'free_reserve', options: ['buy'] },
};

/** That the bot allows no more is what a visitor has to know; which plan its owner has is not. */
function overBot(limitOf: string): Told {
  return { code: 'over_bot_limit', members: { limit_of: limitOf } };
}

/** It names nothing but what the visitor said, or what is the visitor's own. */
const AS_IT_IS = null;

/** Total: a new refusal compiles only when it is said what a visitor hears of it. */
const TOLD_VISITORS: Readonly<Record<Refusal['code'], Told | typeof AS_IT_IS>> = {
  // Of the account's credits; a visitor's own are told as they are.
  credits_exhausted: FREE,
  debt_outstanding: FREE,
  spend_limit_reached: FREE,
  bot_limit_reached: FREE,
  free_usage_exhausted: FREE,
  training_limit_reached: FREE,
  member_limit_reached: FREE,
  key_limit_reached: FREE,
  campaign_limit_reached: {
    code: 'campaign_limit_reached',
    members: { limit_source: 'campaign', options: ['buy'] },
  },
  visitor_limit_reached: {
    code: 'visitor_limit_reached',
    members: { limit_source: 'visitor_limit', options: ['buy'] },
  },
  // How an account stands with us is between its owner and us.
  account_not_active: { code: 'bot_private', members: {} },
  concurrency_limit: { code: 'bot_busy', members: {} },
  model_not_in_plan: overBot('model'),
  iterations_over_plan: overBot('iterations'),
  context_over_plan: overBot('context'),
  artefact_not_in_plan: overBot('artefact'),
  deadline_over_limit: overBot('deadline'),
  budget_over_limit: overBot('budget'),
  idempotency_mismatch: AS_IT_IS,
  admission_expired: AS_IT_IS,
  bot_not_found: AS_IT_IS,
  bot_archived: AS_IT_IS,
  bot_private: AS_IT_IS,
  no_credits_for_bot: AS_IT_IS,
  owner_work_only: AS_IT_IS,
  campaign_not_running: AS_IT_IS,
  publication_incomplete: AS_IT_IS,
  model_not_priced: AS_IT_IS,
  deadline_passed: AS_IT_IS,
  budget_below_minimum: AS_IT_IS,
  budget_too_small: AS_IT_IS,
  budget_below_spent: AS_IT_IS,
  job_not_found: AS_IT_IS,
  job_ended: AS_IT_IS,
  job_not_reported: AS_IT_IS,
  step_open: AS_IT_IS,
  step_not_open: AS_IT_IS,
  iterations_used_up: AS_IT_IS,
  quote_not_found: AS_IT_IS,
  quote_expired: AS_IT_IS,
  quote_mismatch: AS_IT_IS,
  nothing_refundable: AS_IT_IS,
  grant_decided: AS_IT_IS,
  second_person_needed: AS_IT_IS,
  review_in_state: AS_IT_IS,
  review_reopened_before: AS_IT_IS,
  advice_needed: AS_IT_IS,
  role_changed: AS_IT_IS,
  plan_not_offered: AS_IT_IS,
  preview_stale: AS_IT_IS,
  change_without_effect: AS_IT_IS,
  time_zone_invalid: AS_IT_IS,
  amount_out_of_range: AS_IT_IS,
  operation_mismatch: AS_IT_IS,
  attempt_closed: AS_IT_IS,
  hold_not_found: AS_IT_IS,
  hold_ended: AS_IT_IS,
  lot_exists: AS_IT_IS,
  lot_not_found: AS_IT_IS,
  lot_taken_back: AS_IT_IS,
  lot_ended: AS_IT_IS,
  ledger_busy: AS_IT_IS,
};

/** The door says it in the visitor's own language; what is logged is said in the usual one. */
function detailOf({ code, members }: Told): string {
  return sayProblem(USUAL_LANGUAGE, code, members)?.detail ?? code;
}

/** What a visitor has bought is that visitor's own: its limits are told with their figures. */
function isOfOwnPlan(refusal: Refusal): boolean {
  return 'limitedBy' in refusal && refusal.limitedBy === 'visitor_plan';
}

/** Waiting helps a visitor with a plan alone, and then has its date (B19). */
function toldVisitor(refusal: Refusal, now: number): ProblemError {
  if (refusal.code === 'credits_exhausted' && refusal.limitSource !== 'account_credits') {
    return refusalProblem(withOptions(refusal, mayWait(refusal) ? ['buy', 'wait'] : ['buy']), now);
  }
  const told = TOLD_VISITORS[refusal.code];
  if (told === AS_IT_IS || isOfOwnPlan(refusal)) return refusalProblem(refusal, now);
  return new ProblemError(told.code, detailOf(told), { members: told.members });
}
