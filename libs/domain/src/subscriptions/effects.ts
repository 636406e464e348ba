// Domain room. What a decision on a subscription asks of the ledger, the records and the payment port, in the order in
// which it is to be done. Lots, growths and payments bring a key of their own: doing it twice is doing it once.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { LotKind } from '../ledger/lot.js';
import type { PlanRef } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import type { AskedPayment, SubscriptionState } from './subscription.js';

/** `again`: the payment before it was taken back; whoever did that is charged with nobody there no more. */
export const WHY_PAID = ['start', 'upgrade', 'renewal', 'again'] as const;
export type WhyPaid = (typeof WHY_PAID)[number];

export type SubscriptionEffect =
  | GrantPeriodLot
  /** An upgrade: more for the rest of the period, in the lot that is there. */
  | { readonly do: 'grow_lot'; readonly source: string; readonly amount: MicroCredits; readonly key: string }
  /** What is left of it lapses now, and nothing takes its place. */
  | { readonly do: 'end_lot'; readonly source: string }
  /** It was posted ahead and has not begun. */
  | { readonly do: 'take_back_lot'; readonly source: string }
  /** The scope's daily credits and the account's zone, as `setTerms` takes them. */
  | { readonly do: 'set_terms'; readonly zone: string; readonly dailyAllowance: MicroCredits }
  /** What admissions go by from now on. Null where no plan is left. */
  | { readonly do: 'set_plan'; readonly plan: PlanRef | null; readonly state: SubscriptionState }
  | (AskedPayment & {
      readonly do: 'ask_payment';
      readonly plan: PlanRef;
      readonly why: WhyPaid;
      /** The payment that was taken back, in whose place this one is. */
      readonly replaces?: string;
    })
  /** Nobody waits for it any more: cancelled while open, given back where it was paid or is paid all the same. */
  | { readonly do: 'drop_payment'; readonly key: string }
  | { readonly do: 'tell'; readonly news: SubscriptionNews; readonly since: Instant };

export interface GrantPeriodLot {
  readonly do: 'grant_lot';
  readonly source: string;
  readonly kind: LotKind;
  readonly amount: MicroCredits;
  readonly validFrom: Instant;
  /** When the period began that it is for: before `validFrom` where it was paid late. Limits count by it. */
  readonly periodStart: Instant;
  /** It may have passed: a period that nobody could use is booked all the same. */
  readonly expiresAt: Instant;
  /** The payment it is for: it stands as long as that does. Null where nobody pays. */
  readonly paidBy: string | null;
  /** The lot that ends with it, in one posting. */
  readonly inPlaceOf?: string;
}

export type SubscriptionNews =
  | 'period_began'
  | 'plan_changed'
  | 'change_scheduled'
  | 'end_scheduled'
  | 'change_undone'
  | 'payment_failed'
  /** An upgrade that was ordered and not paid within its period. */
  | 'order_lapsed'
  | 'past_due'
  | 'paid_after_all'
  | 'suspended'
  | 'ended';
