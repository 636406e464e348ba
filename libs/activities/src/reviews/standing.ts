// Activities room. A case as its workflow has to know it: who was heard, and for when it has to be woken.
import type { StandingReview } from '@fairmeter/contracts';
import type { Instant, ReviewState } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { ReviewCase } from '@fairmeter/records';

/** Nobody of the staff has to do anything in time any more, or not now. */
const CLOCK_STANDS: ReadonlySet<ReviewState> = new Set([
  'needs_info',
  'notified',
  'guided',
  'closed',
  'closed_not_confirmed',
  'closed_stale',
  'duplicate',
]);

export function standingOf(review: ReviewCase): StandingReview {
  const { state } = review;
  const runs = !CLOCK_STANDS.has(state);
  return {
    state,
    decidedBy: review.decidedBy,
    wasReopened: review.reopenedAt !== null,
    targetAt: runs && review.targetPassedAt === null ? review.targetAt : null,
    dueAt: runs && review.breachedAt === null ? review.dueAt : null,
    infoUntil: state === 'needs_info' ? review.infoUntil : null,
    restore: state === 'granting' ? review.picked : [],
    round: review.reopenedAt === null ? 1 : 2,
  };
}

const GRACE_MS = 300_000;

/** When something should have happened by itself, and a while has passed: from then on its run may be lost. */
export function lookAtOf({ state, infoUntil, targetAt, dueAt }: StandingReview, now: Instant): Instant | null {
  const times = [infoUntil, targetAt, dueAt].filter((at) => at !== null);
  if (state === 'granting') times.push(now);
  return times.length === 0 ? null : instant(Math.min(...times) + GRACE_MS);
}
