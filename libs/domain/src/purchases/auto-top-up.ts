// Domain room. Whether a bundle is to be bought by itself: the owner has said below what figure, which bundle, and for
// how much a month. One question, asked by whoever looks and again under the lock of whoever buys.
import type { AccountStatus } from '../accounts/status.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';

/** As its owner has set it, and what became of it since. */
export interface AutoTopUp {
  readonly enabled: boolean;
  /** Bought where less than this is available. */
  readonly threshold: MicroCredits;
  /** In the smallest coin of the bundle's currency, by calendar month of the account's zone. */
  readonly monthlyCapMinor: bigint;
  readonly currency: string;
  /** The last payment that failed; null since the owner has set it anew, or since one was paid. */
  readonly failedAt: Instant | null;
  /** The purchase that is being paid for now. */
  readonly purchaseId: string | null;
}

export interface TopUpStanding {
  readonly topUp: AutoTopUp;
  readonly accountStatus: AccountStatus;
  /** What the bundle costs now; null where it is not on offer any more. */
  readonly price: { readonly minor: bigint; readonly currency: string } | null;
  /** Credits of a payment that was taken back: the next purchase would pay those first. */
  readonly owes: boolean;
  /** Ordered by itself in this calendar month, but for orders that were not paid. */
  readonly spentMinor: bigint;
  /** Something it bought since it was set was disputed or sent back: its owner does not want more of it. */
  readonly wasTakenBack: boolean;
}

export interface TopUpPolicy {
  /** How long nothing is tried after a payment that failed. */
  readonly retryAfterFailureMs: number;
}

export const TOP_UP_STATES = [
  'off',
  'account_not_active',
  'owes',
  'paying',
  'taken_back',
  'payment_failed',
  'not_on_offer',
  'cap_reached',
  'ready',
] as const;
/** `ready`: it buys as soon as too little is available. */
export type TopUpState = (typeof TOP_UP_STATES)[number];

export function topUpState(standing: TopUpStanding, now: Instant, policy: TopUpPolicy): TopUpState {
  const { topUp, price } = standing;
  if (!topUp.enabled) return 'off';
  // Whoever is behind with a payment is not asked for another one unasked.
  if (standing.accountStatus !== 'active') return 'account_not_active';
  if (standing.owes) return 'owes';
  if (topUp.purchaseId !== null) return 'paying';
  if (standing.wasTakenBack) return 'taken_back';
  if (topUp.failedAt !== null && now < topUp.failedAt + policy.retryAfterFailureMs) return 'payment_failed';
  if (price?.currency !== topUp.currency) return 'not_on_offer';
  return standing.spentMinor + price.minor > topUp.monthlyCapMinor ? 'cap_reached' : 'ready';
}

export interface TopUpQuestion {
  readonly available: MicroCredits;
  readonly now: Instant;
}

export function isTopUpDue(standing: TopUpStanding, { available, now }: TopUpQuestion, policy: TopUpPolicy): boolean {
  return available < standing.topUp.threshold && topUpState(standing, now, policy) === 'ready';
}
