// Domain room. A subscription as it is remembered between two events: which plan is in force, where its periods are
// counted from, what was asked for and is still to come. What can be told from other fields is not kept.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { PlanPrice, PlanRef } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import type { PeriodAnchor } from '../time/period-rule.js';

/** Whose credits renew: an account's pool, or what one visitor has at one bot. */
export type SubscriptionSubject =
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'end_user'; readonly accountId: string; readonly botId: string; readonly visitorId: string };

export interface Subscription {
  readonly subject: SubscriptionSubject;
  /** Where the account is now. What starts from here on is anchored there; what has started stays where it is. */
  readonly zone: string;
  /** Null once it has ended, and before a first payment. */
  readonly current: CurrentPlan | null;
  /** What happens at the end of the time that is paid for. */
  readonly scheduled: ScheduledChange | null;
  /** A plan that begins once it is paid; until then nothing is changed by it. */
  readonly order: PlanOrder | null;
  /** What was decided of the next period, ahead of it. */
  readonly ahead: RenewalAhead | null;
  /** A period that has begun without being paid. */
  readonly arrears: Arrears | null;
  /** How many keys were made so far, of what has no natural one. */
  readonly keysMade: number;
}

/** Counted in months, or in whole periods of days or seconds, from the anchor. */
export interface CurrentPlan {
  readonly plan: PlanRef;
  readonly anchor: PeriodAnchor;
  readonly period: CountedPeriod;
  /** The time that one payment is for. Null where nobody pays. */
  readonly billing: CountedPeriod | null;
  /** The payments it stands by: first the one for its time, then those of upgrades within it. */
  readonly paidBy: readonly StandingPayment[];
  /** Null where it brings none, and where what it brought went back with its payment. */
  readonly lot: PeriodLot | null;
  /** It began while nobody paid for its time: its credits never came, and come once somebody has. */
  readonly isWithheld: boolean;
  /** How many lots were named after this period's start, those that were taken back included. */
  readonly lotsNamed: number;
}

/** From boundary `from` to boundary `until`. */
export interface CountedPeriod {
  readonly from: number;
  readonly until: number;
  readonly start: Instant;
  readonly end: Instant;
}

export interface PeriodLot {
  /** The natural key of its grant: there is one lot under it, whoever asks how often. */
  readonly source: string;
  /** With what was added by upgrades. */
  readonly granted: MicroCredits;
}

export type ScheduledChange = { readonly to: 'plan'; readonly planId: string } | { readonly to: 'end' };

export interface AskedPayment {
  readonly key: string;
  readonly price: PlanPrice;
}

/** One that was paid. */
export interface StandingPayment extends AskedPayment {
  /** Of an upgrade: the plan that was in force before it, and is paid for without it. Not known of those of before. */
  readonly upgradeFrom?: PlanRef;
}

export interface PlanOrder {
  readonly plan: PlanRef;
  readonly payment: AskedPayment;
  /** Added to the period in which it was ordered, as it was told then. Null where a new period begins. */
  readonly growth: MicroCredits | null;
}

export interface RenewalAhead {
  /** The whole of the period to come. Null where the subscription ends instead. */
  readonly next: CurrentPlan | null;
  /** Null where nothing is asked for. */
  readonly payment: AskedPayment | null;
  /** Whether the period to come may have its credits; they are posted as soon as it may. */
  readonly paid: boolean;
  /** How many lots were named after the boundary so far: one that was taken back does not lend its name again. */
  readonly lotsNamed: number;
}

export interface Arrears {
  readonly payment: AskedPayment;
  /** Until then it is asked for and everything else goes on. */
  readonly graceUntil: Instant;
  readonly suspended: boolean;
  /** Payments of the running time that the bank has taken back: won again, they are payments as before. */
  readonly disputed: readonly DisputedPayment[];
}

export interface DisputedPayment extends StandingPayment {
  /** The one for the time itself, and not that of an upgrade within it. */
  readonly isForTime: boolean;
}

export const SUBSCRIPTION_STATES = ['free', 'active', 'cancel_scheduled', 'past_due', 'suspended', 'ended'] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** Beside it stand `scheduled` (a pending change) and `order` (a pending payment). */
export function subscriptionState({ current, scheduled, arrears }: Subscription): SubscriptionState {
  if (current === null) return 'ended';
  if (arrears !== null) return arrears.suspended ? 'suspended' : 'past_due';
  if (scheduled?.to === 'end') return 'cancel_scheduled';
  return current.billing === null ? 'free' : 'active';
}

/** By their ids: with the versions of these, and of what is wished for, every next step can be told. */
export function plansNamedIn({ current, scheduled, order, ahead, arrears }: Subscription): readonly string[] {
  const paid = [...(current?.paidBy ?? []), ...(arrears?.disputed ?? [])];
  const ids = [
    current?.plan.planId,
    scheduled?.to === 'plan' ? scheduled.planId : undefined,
    order?.plan.planId,
    ahead?.next?.plan.planId,
    ...paid.map(({ upgradeFrom }) => upgradeFrom?.planId),
  ];
  return [...new Set(ids.filter((id) => id !== undefined))];
}
