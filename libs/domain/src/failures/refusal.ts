// Domain room. Expected refusals are values, returned and never thrown. One union, one code each, typed details.
// Amounts are MicroCredits here; the contracts room says how they look on a wire.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';

/** What the caller can do about it (requirements X17). A bot key can do nothing itself: it tells its owner. */
export type CreditOption = 'buy_bundle' | 'upgrade' | 'custom_plan' | 'wait' | 'tell_owner';

export type LimitSource = 'account_credits' | 'job_budget';

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
  | { readonly code: 'model_not_priced'; readonly model: string }
  | { readonly code: 'iterations_over_plan'; readonly limit: number; readonly plan: string }
  | { readonly code: 'budget_below_minimum'; readonly minimum: MicroCredits }
  | { readonly code: 'budget_too_small'; readonly required: MicroCredits; readonly budget: MicroCredits }
  | { readonly code: 'job_not_found' }
  | { readonly code: 'job_ended'; readonly state: string }
  | { readonly code: 'operation_mismatch'; readonly operationKey: string; readonly field: string }
  | { readonly code: 'amount_out_of_range'; readonly field: string }
  | { readonly code: 'lot_exists'; readonly sourceRef: string }
  | { readonly code: 'hold_not_found'; readonly holdId: string }
  | { readonly code: 'hold_ended'; readonly holdId: string }
  | { readonly code: 'attempt_closed'; readonly attempt: number }
  | { readonly code: 'ledger_busy' }
  | { readonly code: 'time_zone_invalid'; readonly timeZone: string }
  | { readonly code: 'lot_not_found'; readonly lotId: string }
  | { readonly code: 'lot_taken_back'; readonly lotId: string }
  | { readonly code: 'debt_outstanding'; readonly debt: MicroCredits }
  | { readonly code: 'quote_not_found' }
  | { readonly code: 'quote_expired'; readonly expiredAt: Instant }
  | { readonly code: 'quote_mismatch'; readonly field: string }
  | { readonly code: 'nothing_refundable'; readonly refundable: MicroCredits }
  | LimitReached;

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
