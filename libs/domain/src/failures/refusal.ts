// Domain room. Expected refusals are values, returned and never thrown. One union, one code each, typed details.
// Amounts are MicroCredits here; the contracts room says how they look on a wire.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { PublicationQuestion } from '../bots/publication-questions.js';
import type { LimitedBy } from '../plans/plan.js';
import type { Instant } from '../time/instant.js';

/** What the caller can do about it (requirements X17). A bot key can do nothing itself: it tells its owner. */
export type CreditOption = 'buy_bundle' | 'upgrade' | 'custom_plan' | 'buy' | 'wait' | 'tell_owner';

/** `own_credits`: what a visitor bought for the bot. */
export type LimitSource = 'account_credits' | 'own_credits' | 'job_budget';

export interface CreditsExhausted {
  readonly code: 'credits_exhausted';
  readonly limitSource: LimitSource;
  readonly required: MicroCredits;
  readonly available: MicroCredits;
  readonly resetsAt: Instant | null;
  readonly options: readonly CreditOption[];
}

export type Refusal =
  | CreditsExhausted
  | { readonly code: 'idempotency_mismatch' }
  | { readonly code: 'admission_expired' }
  | { readonly code: 'account_not_active'; readonly status: string }
  | { readonly code: 'bot_not_found' }
  | { readonly code: 'bot_archived' }
  | { readonly code: 'bot_private' }
  | { readonly code: 'no_credits_for_bot' }
  | { readonly code: 'owner_work_only'; readonly marker: string }
  | { readonly code: 'campaign_not_running' }
  | { readonly code: 'publication_incomplete'; readonly question: PublicationQuestion }
  | { readonly code: 'model_not_priced'; readonly model: string }
  | JobLimitBroken
  | { readonly code: 'budget_below_minimum'; readonly minimum: MicroCredits }
  | { readonly code: 'budget_too_small'; readonly required: MicroCredits; readonly budget: MicroCredits }
  | {
      readonly code: 'budget_below_spent';
      readonly budget: MicroCredits;
      readonly spent: MicroCredits;
      readonly held: MicroCredits;
    }
  | { readonly code: 'job_not_found' }
  | { readonly code: 'job_ended'; readonly state: string }
  | { readonly code: 'operation_mismatch'; readonly operationKey: string; readonly field: string }
  | { readonly code: 'amount_out_of_range'; readonly field: string }
  | { readonly code: 'lot_exists'; readonly sourceRef: string }
  | { readonly code: 'hold_not_found'; readonly holdId: string }
  | { readonly code: 'hold_ended'; readonly holdId: string }
  | { readonly code: 'attempt_closed'; readonly attempt: number }
  | { readonly code: 'job_not_reported' }
  | { readonly code: 'step_open'; readonly step: number }
  | { readonly code: 'step_not_open'; readonly step: number }
  | { readonly code: 'iterations_used_up'; readonly limit: number; readonly asked: number }
  | { readonly code: 'ledger_busy' }
  | { readonly code: 'time_zone_invalid'; readonly timeZone: string }
  | { readonly code: 'lot_not_found'; readonly lotId: string }
  | { readonly code: 'lot_taken_back'; readonly lotId: string }
  | { readonly code: 'lot_ended'; readonly lotId: string }
  | { readonly code: 'debt_outstanding'; readonly debt: MicroCredits }
  | { readonly code: 'quote_not_found' }
  | { readonly code: 'quote_expired'; readonly expiredAt: Instant }
  | { readonly code: 'quote_mismatch'; readonly field: string }
  | { readonly code: 'nothing_refundable'; readonly refundable: MicroCredits }
  | { readonly code: 'grant_decided'; readonly state: string }
  | { readonly code: 'second_person_needed' }
  /** Of a usage review, and what is asked of it does not follow from there. */
  | { readonly code: 'review_in_state'; readonly state: string }
  | { readonly code: 'review_reopened_before' }
  | { readonly code: 'advice_needed' }
  | { readonly code: 'role_changed' }
  | { readonly code: 'plan_not_offered'; readonly planId: string }
  /** The period that is running now; null where none is. */
  | { readonly code: 'preview_stale'; readonly periodStart: Instant | null }
  | { readonly code: 'change_without_effect'; readonly why: ChangeWithoutEffect }
  | LimitReached;

/** It is the plan in force; nothing waits to be undone; nothing is paid that could be ended; a loop has that cause. */
export type ChangeWithoutEffect = 'same_plan' | 'nothing_pending' | 'nothing_paid' | 'same_cause';

/** What a request asks beyond its plan or its bot: the limit, what was asked, and whose limit it is. */
export type JobLimitBroken =
  | {
      readonly code: 'model_not_in_plan';
      readonly model: string;
      readonly plan: string;
      readonly limitedBy: LimitedBy;
      /** What is allowed: all models of these tiers, and those that are named. */
      readonly tiers: readonly string[];
      readonly models: readonly string[];
    }
  | OverLimit<'iterations_over_plan', number>
  /** `bytes` is what the tokens were counted in. */
  | (OverLimit<'context_over_plan', number> & { readonly bytes: number })
  | {
      readonly code: 'artefact_not_in_plan';
      readonly asked: 'zip';
      readonly plan: string;
      readonly limitedBy: LimitedBy;
    }
  | { readonly code: 'deadline_passed'; readonly asked: Instant }
  /** The limit is the latest instant that would have been taken. */
  | OverLimit<'deadline_over_limit', Instant>
  | OverLimit<'budget_over_limit', MicroCredits>
  | {
      readonly code: 'concurrency_limit';
      readonly limit: number;
      readonly open: number;
      readonly plan: string;
      /** No bot limits this. */
      readonly limitedBy: LimitedBy;
    };

interface OverLimit<C extends string, T> {
  readonly code: C;
  readonly limit: T;
  readonly asked: T;
  readonly plan: string;
  readonly limitedBy: LimitedBy;
}

export type LimitCode =
  | 'free_usage_exhausted'
  | 'training_limit_reached'
  | 'campaign_limit_reached'
  | 'member_limit_reached'
  | 'key_limit_reached'
  | 'spend_limit_reached'
  | 'bot_limit_reached'
  | 'visitor_limit_reached';

/** One code for each kind of limit, the same figures for all. */
export type LimitReached = {
  readonly [C in LimitCode]: {
    readonly code: C;
    readonly limit: MicroCredits;
    readonly used: MicroCredits;
    readonly held: MicroCredits;
    /** What was to be held, and when the limit counts anew. */
    readonly required: MicroCredits;
    readonly resetsAt: Instant | null;
    /** Known where the caller is. */
    readonly options?: readonly CreditOption[];
  };
}[LimitCode];

export type FailureCode = Refusal['code'];

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refuse(refusal: Refusal): Outcome<never> {
  return { ok: false, refusal };
}
