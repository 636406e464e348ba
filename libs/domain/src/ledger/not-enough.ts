// Domain room. The refusal of a payer who has not enough. The ledger names the figures; who may do what about it is
// known where the caller is known.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { isLimitReached } from '../jobs/pause.js';
import { largest, ZERO } from '../amounts/micro-credits.js';
import type { CreditsExhausted, Refusal } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';
import type { Funding } from './payer.js';

export function notEnough(
  required: MicroCredits,
  available: MicroCredits,
  { resetsAt = null, funding = 'owner' }: { readonly resetsAt?: Instant | null; readonly funding?: Funding } = {},
): CreditsExhausted {
  return {
    code: 'credits_exhausted',
    limitSource: funding === 'end_user' ? 'own_credits' : 'account_credits',
    required,
    available: largest(available, ZERO),
    resetsAt,
    options: [],
  };
}

export function withOptions(refusal: Refusal, options: CreditsExhausted['options']): Refusal {
  return refusal.code === 'credits_exhausted' || isLimitReached(refusal) ? { ...refusal, options } : refusal;
}
