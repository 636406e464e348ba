// Domain room. The working copy of one decision: the subscription as it is becoming, and what is to be done for it, in
// order. A decision that is refused throws its draft away.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { ZERO } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { PlanPrice, PlanRef, PlanTerms } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import { instantToText } from '../time/instant.js';
import type { SubscriptionEffect, SubscriptionNews, WhyPaid } from './effects.js';
import type { SubscriptionPolicy } from './policy.js';
import type { AskedPayment, CurrentPlan, PeriodLot, Subscription } from './subscription.js';
import { subscriptionState } from './subscription.js';

export interface SubscriptionGround {
  /** Every version of every plan that the subscription is on or may go to. */
  readonly plans: readonly PlanTerms[];
  readonly policy: SubscriptionPolicy;
  readonly at: Instant;
  /** Nothing can be had for what would come: no time is paid for behind the present one. */
  readonly endsWithPaidTime?: boolean;
}

export interface WantedLot {
  readonly amount: MicroCredits;
  readonly validFrom: Instant;
  /** Where it is not the payment for the time of the plan. */
  readonly paidBy?: AskedPayment;
  readonly inPlaceOf?: PeriodLot | null;
}

export class Draft {
  readonly effects: SubscriptionEffect[] = [];

  constructor(
    public subscription: Subscription,
    readonly ground: SubscriptionGround,
  ) {}

  get at(): Instant {
    return this.ground.at;
  }

  put(changes: Partial<Subscription>): void {
    this.subscription = { ...this.subscription, ...changes };
  }

  do(...effects: readonly SubscriptionEffect[]): void {
    this.effects.push(...effects);
  }

  tell(news: SubscriptionNews, since: Instant): void {
    this.do({ do: 'tell', news, since });
  }

  termsOf({ planId, version }: PlanRef): PlanTerms {
    const found = this.ground.plans.find((plan) => plan.planId === planId && plan.version === version);
    invariant(found !== undefined, 'plan.never-unpublished', `no version ${version} of ${planId}`);
    return found;
  }

  /** Unique among the keys of one subscription, also of one that was ended and opened again. */
  newKey(of: string): string {
    const keysMade = this.subscription.keysMade + 1;
    this.put({ keysMade });
    return `${of}/${instantToText(this.at)}/${keysMade}`;
  }

  ask(plan: PlanRef, price: PlanPrice, why: Exclude<WhyPaid, 'again'>): AskedPayment {
    const payment = { key: this.newKey('payment'), price };
    this.do({ do: 'ask_payment', ...payment, plan, why });
    return payment;
  }

  /** In place of one that was paid and taken back. */
  askAgain(plan: PlanRef, { key: replaces, price }: AskedPayment): AskedPayment {
    const payment = { key: this.newKey('payment'), price };
    this.do({ do: 'ask_payment', ...payment, plan, why: 'again', replaces });
    return payment;
  }

  drop(payment: AskedPayment | null | undefined): void {
    if (payment !== null && payment !== undefined) this.do({ do: 'drop_payment', key: payment.key });
  }

  /** What was ordered is not to be paid any more. */
  lapseOrder(since: Instant): void {
    const { order } = this.subscription;
    if (order === null) return;
    this.drop(order.payment);
    this.put({ order: null });
    this.tell('order_lapsed', since);
  }

  /** A period's own lot, from `validFrom` to its end. Plans may bring none. */
  grant(plan: CurrentPlan, { amount, validFrom, ...wanted }: WantedLot): CurrentPlan {
    const current = { ...plan, isWithheld: false };
    const { inPlaceOf = null, paidBy = current.paidBy[0] } = wanted;
    if (amount === ZERO) {
      if (inPlaceOf !== null) this.do({ do: 'end_lot', source: inPlaceOf.source });
      return current;
    }
    const { start, end } = current.period;
    const lotsNamed = current.lotsNamed + 1;
    const source = `period/${instantToText(start)}${lotsNamed === 1 ? '' : `/${lotsNamed}`}`;
    const kind = this.subscription.subject.kind === 'account' ? 'subscription' : 'eu_allowance';
    const lot = { source, kind, amount, validFrom, periodStart: start, expiresAt: end } as const;
    const replaces = inPlaceOf === null ? {} : { inPlaceOf: inPlaceOf.source };
    this.do({ do: 'grant_lot', ...lot, paidBy: paidBy?.key ?? null, ...replaces });
    return { ...current, lot: { source, granted: amount }, lotsNamed };
  }

  /** What admissions and the scope's days go by, after the plan in force has changed. */
  applyPlan(): void {
    this.applyTerms();
    this.applyState();
  }

  applyState(): void {
    const { current } = this.subscription;
    this.do({ do: 'set_plan', plan: current?.plan ?? null, state: subscriptionState(this.subscription) });
  }

  /** Visitors have no daily credits, so their scopes have no days. */
  applyTerms(): void {
    const { subject, zone, current } = this.subscription;
    if (subject.kind !== 'account') return;
    const dailyAllowance = current === null ? ZERO : this.termsOf(current.plan).dailyAllowance;
    this.do({ do: 'set_terms', zone, dailyAllowance });
  }
}
