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
  switch (refusal.code) {
    case 'credits_exhausted':
      return refusal.limitSource === 'account_credits' ? refusal : null;
    case 'debt_outstanding':
      return { code: refusal.code, required: refusal.debt, resetsAt: null };
    case 'free_usage_exhausted':
    case 'training_limit_reached':
    case 'campaign_limit_reached':
    case 'member_limit_reached':
    case 'key_limit_reached':
    case 'spend_limit_reached':
    case 'bot_limit_reached':
    case 'visitor_limit_reached':
      return refusal;
    default:
      return null;
  }
}
