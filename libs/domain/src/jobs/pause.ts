// Domain room. The words of a pause: what a job can wait for, and which refusal of a hold is worth waiting.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { LimitCode, Refusal } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';

/** What a job can wait for: credits of its payer, the end of a debt, or room under a limit. Never its own budget. */
export type WaitCode = 'credits_exhausted' | 'debt_outstanding' | LimitCode;

export interface JobWaiting {
  readonly since: Instant;
  /** Then it ends with what it has. */
  readonly until: Instant;
  readonly code: WaitCode;
  readonly required: MicroCredits;
  readonly available: MicroCredits;
  /** When time alone may bring more. */
  readonly resetsAt: Instant | null;
}

/** What the refusal of a step's hold was about. */
export interface WaitCause {
  readonly code: WaitCode;
  readonly required: MicroCredits;
  readonly resetsAt: Instant | null;
}

/** Null where waiting would not help. */
export function waitCauseOf(refusal: Refusal): WaitCause | null {
  if (refusal.code === 'credits_exhausted') return refusal.limitSource === 'job_budget' ? null : refusal;
  if (refusal.code === 'debt_outstanding') return { code: refusal.code, required: refusal.debt, resetsAt: null };
  return isLimitReached(refusal) ? refusal : null;
}

/** Every limit names itself; a new one is missed here by the compiler. */
const LIMIT_CODES: Readonly<Record<LimitCode, true>> = {
  free_usage_exhausted: true,
  training_limit_reached: true,
  campaign_limit_reached: true,
  member_limit_reached: true,
  key_limit_reached: true,
  spend_limit_reached: true,
  bot_limit_reached: true,
  visitor_limit_reached: true,
};

export function isLimitReached(refusal: Refusal): refusal is Extract<Refusal, { readonly code: LimitCode }> {
  return refusal.code in LIMIT_CODES;
}
