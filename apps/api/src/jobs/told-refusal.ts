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

interface Spent {
  readonly code: 'free_usage_exhausted' | 'campaign_limit_reached' | 'visitor_limit_reached';
  readonly source: string;
  readonly detail: string;
}

const FREE: Spent = {
  code: 'free_usage_exhausted',
  source: 'free_reserve',
  detail: 'The free answers of this bot are used up for now.',
};

/** What is the owner's affair reads as the free answers being used up. */
const TOLD_VISITORS: Readonly<Partial<Record<Refusal['code'], Spent>>> = {
  credits_exhausted: FREE,
  debt_outstanding: FREE,
  spend_limit_reached: FREE,
  bot_limit_reached: FREE,
  free_usage_exhausted: FREE,
  campaign_limit_reached: {
    code: 'campaign_limit_reached',
    source: 'campaign',
    detail: 'This campaign has given all it had to give.',
  },
  visitor_limit_reached: {
    code: 'visitor_limit_reached',
    source: 'visitor_limit',
    detail: 'You have used what the bot gives to one visitor.',
  },
};

/** Waiting helps a visitor with a plan alone, and then has its date (B19). */
function toldVisitor(refusal: Refusal, now: number): ProblemError {
  if (refusal.code === 'credits_exhausted' && refusal.limitSource !== 'account_credits') {
    return refusalProblem(withOptions(refusal, mayWait(refusal) ? ['buy', 'wait'] : ['buy']), now);
  }
  const spent = TOLD_VISITORS[refusal.code];
  if (spent === undefined) return refusalProblem(refusal, now);
  return new ProblemError(spent.code, spent.detail, { members: { limit_source: spent.source, options: ['buy'] } });
}
