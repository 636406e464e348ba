// Domain room. How far ahead renewals are decided and how long a missing payment is waited for.
import { smallDigest } from '../loops/normalise/digest.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { CountedPeriod, SubscriptionSubject } from './subscription.js';

export interface SubscriptionPolicy {
  /**
   * A renewal is decided at most this long before its boundary, each subject at a moment of its own; and at most this
   * long behind it, it is told of.
   */
  readonly renewAheadMs: number;
  /** After a boundary without a payment; then the account is suspended, a visitor's plan ended. */
  readonly graceMs: number;
}

export const USUAL_SUBSCRIPTION_POLICY: SubscriptionPolicy = {
  renewAheadMs: 60 * 60_000,
  graceMs: 14 * 86_400_000,
};

/** A renewal is decided no later than this before its boundary: what stops in the last minute stops none. */
const LEAST_AHEAD_MS = 90_000;
/** Where a period is short: no more than a twentieth of the time in which renewals are spread. */
const LEAST_AHEAD_SHARE = 20;

/** Unique among all subjects, the same for one subject for good. */
export function subjectId(subject: SubscriptionSubject): string {
  return subject.kind === 'account' ? subject.accountId : `${subject.botId}/${subject.visitorId}`;
}

/**
 * When the period after this one is decided. The moment is drawn from the subject, so that those who share a boundary
 * are spread before it; short periods are decided in their second half.
 */
export function decisionAt(subject: SubscriptionSubject, period: CountedPeriod, policy: SubscriptionPolicy): Instant {
  const window = Math.min(policy.renewAheadMs, Math.floor((period.end - period.start) / 2));
  if (window <= 0) return period.end;
  const least = Math.min(LEAST_AHEAD_MS, Math.floor(window / LEAST_AHEAD_SHARE));
  const drawn = Number.parseInt(smallDigest(subjectId(subject)), DIGEST_BASE) % (window - least);
  return instant(period.end - 1 - least - drawn);
}

/**
 * When a period that has begun by itself is written down: as long behind its beginning as the one after it is decided
 * ahead of its own. So those who share a boundary do not wake at it all at once, before everybody who wishes something
 * just then; and none wakes later than its next decision. Where that comes soon, since the period is short, it is
 * written down along with it: a wake less, and no later than it may be told of.
 */
export function wakeBehind(subject: SubscriptionSubject, period: CountedPeriod, policy: SubscriptionPolicy): Instant {
  const decision = decisionAt(subject, period, policy);
  const isSoon = decision - period.start <= policy.renewAheadMs;
  return isSoon ? decision : instant(period.start + (period.end - decision));
}

const DIGEST_BASE = 36;
