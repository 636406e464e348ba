// Domain room. A usage review: how a case goes on from its report to its end, and who has which say in it. Whoever
// reports gets an answer with advice whatever it is; credits above a limit come back by two people of the staff.
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { StaffMember } from '../grants/grant.js';
import { isSecondPerson } from '../grants/grant.js';

export const REVIEW_STATES = [
  'submitted',
  'needs_info',
  'analysing',
  'confirmed',
  'partly_confirmed',
  'not_confirmed',
  'granting',
  'notified',
  'guided',
  'closed',
  'closed_not_confirmed',
  'closed_stale',
  'reopened',
  'duplicate',
] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

export const REVIEW_VERDICTS = ['confirmed', 'partly_confirmed', 'not_confirmed'] as const;
export type ReviewVerdict = (typeof REVIEW_VERDICTS)[number];

export const REVIEW_CHANNELS = ['form', 'mail', 'platform'] as const;
export type ReviewChannel = (typeof REVIEW_CHANNELS)[number];

/** Why a thread cost more than it should; `none` where nothing of ours made it so. */
export const REVIEW_CAUSES = ['bug_repeats', 'build_failures', 'system_errors', 'abnormal_ai', 'none'] as const;
export type ReviewCause = (typeof REVIEW_CAUSES)[number];

export type ReviewStep =
  | 'ask'
  | 'inform'
  | 'lapse'
  | 'analyse'
  | ReviewVerdict
  | 'grant'
  | 'send_back'
  | 'tell'
  | 'guide'
  | 'close'
  | 'reopen';

/** `duplicate` stands beside the line: such a case is told as the first one of its thread. */
const NEXT: Readonly<Record<ReviewState, Partial<Record<ReviewStep, ReviewState>>>> = {
  submitted: { ask: 'needs_info', analyse: 'analysing' },
  needs_info: { inform: 'submitted', lapse: 'closed_stale' },
  analysing: {
    analyse: 'analysing',
    confirmed: 'confirmed',
    partly_confirmed: 'partly_confirmed',
    not_confirmed: 'not_confirmed',
  },
  confirmed: { grant: 'granting', send_back: 'analysing' },
  partly_confirmed: { grant: 'granting', send_back: 'analysing' },
  not_confirmed: { guide: 'guided' },
  granting: { tell: 'notified' },
  notified: { close: 'closed' },
  guided: { close: 'closed_not_confirmed' },
  closed: { reopen: 'reopened' },
  closed_not_confirmed: { reopen: 'reopened' },
  reopened: { analyse: 'analysing' },
  closed_stale: {},
  duplicate: {},
};

/** Null where this step does not follow from that state. */
export function afterReviewStep(state: ReviewState, step: ReviewStep): ReviewState | null {
  return NEXT[state][step] ?? null;
}

const OVER: ReadonlySet<ReviewState> = new Set(['closed', 'closed_not_confirmed', 'closed_stale', 'duplicate']);

/** Nothing more becomes of it by itself. */
export function isReviewOver(state: ReviewState): boolean {
  return OVER.has(state);
}

/** What is said in a case, as far as it decides whether it may be said. */
export type ReviewSaying =
  | { readonly says: 'inform' | 'reopen' }
  | { readonly says: 'ask' | 'analyse' | 'approve' | 'send_back'; readonly by: StaffMember }
  | { readonly says: 'decide'; readonly by: StaffMember; readonly verdict: ReviewVerdict }
  | { readonly says: 'close'; readonly by: StaffMember; readonly advice: number };

export interface ReviewStanding {
  readonly state: ReviewState;
  /** Whoever confirmed it: never the one who lets it through. */
  readonly decidedBy: string | null;
  readonly wasReopened: boolean;
}

/** The state that follows from what is said, or why it cannot be said. */
export function hearReview(standing: ReviewStanding, saying: ReviewSaying): Outcome<ReviewState> {
  const { state } = standing;
  if (saying.says === 'reopen' && standing.wasReopened) return refuse({ code: 'review_reopened_before' });
  const next = stateAfter(state, saying);
  if (next === null) return refuse({ code: 'review_in_state', state });
  if (saying.says === 'close' && saying.advice < 1) return refuse({ code: 'advice_needed' });
  const isLetThrough = saying.says === 'approve' || saying.says === 'send_back';
  if (isLetThrough && !isSecondPerson(saying.by, standing.decidedBy ?? '')) {
    return refuse({ code: 'second_person_needed' });
  }
  return accept(next);
}

function stateAfter(state: ReviewState, saying: ReviewSaying): ReviewState | null {
  switch (saying.says) {
    case 'decide':
      return afterReviewStep(state, saying.verdict);
    case 'approve':
      return afterReviewStep(state, 'grant');
    case 'close': {
      const guided = afterReviewStep(state, 'guide') ?? state;
      return afterReviewStep(guided, 'close');
    }
    case 'inform':
    case 'reopen':
    case 'ask':
    case 'analyse':
    case 'send_back':
      return afterReviewStep(state, saying.says);
  }
}

/** A cause is named exactly where something is confirmed. */
export function fitsVerdict(verdict: ReviewVerdict, cause: ReviewCause): boolean {
  return (verdict === 'not_confirmed') === (cause === 'none');
}
