// API room. What a refusal says to whom: each caller hears of what that caller can do, and a visitor of no figures that
// are the owner's.
import type { CreditOption, Refusal } from '@fairmeter/domain';
import { withOptions } from '@fairmeter/domain';
import type { Caller } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';

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

/** Waiting helps a visitor with a plan alone, and then has its date (B19). */
function toldVisitor(refusal: Refusal, now: number): ProblemError {
  if (refusal.code === 'credits_exhausted' && refusal.limitSource === 'own_credits') {
    return refusalProblem(withOptions(refusal, mayWait(refusal) ? ['buy', 'wait'] : ['buy']), now);
  }
  switch (refusal.code) {
    case 'credits_exhausted':
    case 'debt_outstanding':
    case 'spend_limit_reached':
    case 'bot_limit_reached':
    case 'free_usage_exhausted':
      return spent('free_usage_exhausted', 'free_reserve', 'The free answers of this bot are used up for now.');
    case 'campaign_limit_reached':
      return spent('campaign_limit_reached', 'campaign', 'This campaign has given all it had to give.');
    case 'visitor_limit_reached':
      return spent('visitor_limit_reached', 'visitor_limit', 'You have used what the bot gives to one visitor.');
    default:
      return refusalProblem(refusal, now);
  }
}

function spent(
  code: 'free_usage_exhausted' | 'campaign_limit_reached' | 'visitor_limit_reached',
  source: string,
  detail: string,
): ProblemError {
  return new ProblemError(code, detail, { members: { limit_source: source, options: ['buy'] } });
}
