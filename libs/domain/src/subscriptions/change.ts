// Domain room, with the calendar. What people ask for: another plan, the end, a way back. A larger plan takes effect at
// once, or as soon as it is paid; a smaller one and the end wait for the end of the time that is paid for.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { PlanPrice, PlanTerms } from '../plans/plan-version.js';
import { versionInForce } from '../plans/plan-version.js';
import { periodText } from '../time/period-rule.js';
import { beginPlan, endSubscription, planAfterPaid } from './begin.js';
import type { Draft } from './draft.js';
import type { SubscriptionEvent } from './events.js';
import { proratedCredits, proratedPrice } from './proration.js';
import { decideAnew, fallBack, paidWithoutUpgrades } from './renewal.js';
import type { AskedPayment, PlanOrder, ScheduledChange } from './subscription.js';

type ChangeEvent = Extract<SubscriptionEvent, { type: 'change' }>;

const DONE = accept(null);

export function changePlan(draft: Draft, { planId, previewedPeriod }: ChangeEvent): Outcome<null> {
  const { current, arrears, subject } = draft.subscription;
  const periodStart = current?.period.start ?? null;
  if (previewedPeriod !== undefined && previewedPeriod !== periodStart) {
    return refuse({ code: 'preview_stale', periodStart });
  }
  const target = versionInForce(draft.ground.plans, planId, draft.at);
  if (target === undefined || target.scope !== subject.kind) return refuse({ code: 'plan_not_offered', planId });
  if (current === null) return order(draft, { target, growth: null, price: target.price });
  if (planId === current.plan.planId && arrears === null) {
    return hasPending(draft) ? undoPending(draft) : refuse({ code: 'change_without_effect', why: 'same_plan' });
  }
  // The plan that costs nothing is where every account ends up that stops paying.
  if (target.billingPeriod === null) return endPaidPlan(draft);
  // It is paid for already: what is owed is the upgrade of it.
  if (paidWithoutUpgrades(draft)?.planId === planId && fallBack(draft, draft.at, null)) return DONE;
  // Without a time that is paid there is nothing to prorate: a period begins, and is paid, of its own.
  if (current.billing === null || arrears !== null) return order(draft, { target, growth: null, price: target.price });
  const from = draft.termsOf(current.plan);
  if (!isUpgrade(from, target)) return schedule(draft, { to: 'plan', planId });
  const allowances = { from: from.periodAllowance, to: target.periodAllowance };
  return order(draft, {
    target,
    growth: proratedCredits(allowances, current.period, draft.at),
    price: proratedPrice({ from, to: target }, current.billing, draft.at),
  });
}

/** Custom plans stand outside the order of tiers: they come with a renewal (E22). */
function isUpgrade(from: PlanTerms, to: PlanTerms): boolean {
  if (from.custom || to.custom) return false;
  return to.tier > from.tier && periodText(from.creditPeriod) === periodText(to.creditPeriod);
}

interface Wish {
  readonly target: PlanTerms;
  readonly growth: MicroCredits | null;
  readonly price: PlanPrice | null;
}

function order(draft: Draft, { target, growth, price }: Wish): Outcome<null> {
  dropOrder(draft);
  const plan = { planId: target.planId, version: target.version };
  if (price === null) {
    takeEffect(draft, { plan, growth, key: draft.newKey('change'), payment: null });
    return DONE;
  }
  const payment = draft.ask(plan, price, growth === null ? 'start' : 'upgrade');
  draft.put({ order: { plan, payment, growth } });
  return DONE;
}

interface EffectOf {
  /** Names what is done by it. */
  readonly key: string;
  readonly payment: AskedPayment | null;
}

/** An order that is paid, or needs no payment. What was scheduled before it is dropped (edge 35). */
export function takeEffect(
  draft: Draft,
  { plan, growth, key, payment }: Pick<PlanOrder, 'plan' | 'growth'> & EffectOf,
): void {
  const { current } = draft.subscription;
  draft.put({ order: null });
  if (growth === null || current === null) {
    beginPlan(draft, draft.termsOf(plan), payment);
    return;
  }
  const paid = payment === null ? [] : [{ ...payment, upgradeFrom: current.plan }];
  const upgraded = { ...current, plan, paidBy: [...current.paidBy, ...paid] };
  const { lot } = current;
  if (lot === null) {
    const wanted = { amount: growth, validFrom: draft.at, ...(payment === null ? {} : { paidBy: payment }) };
    draft.put({ current: draft.grant(upgraded, wanted), scheduled: null });
  } else {
    if (growth > ZERO) draft.do({ do: 'grow_lot', source: lot.source, amount: growth, key });
    draft.put({ current: { ...upgraded, lot: { ...lot, granted: add(lot.granted, growth) } }, scheduled: null });
  }
  draft.applyPlan();
  draft.tell('plan_changed', draft.at);
  decideAnew(draft);
}

export function endPaidPlan(draft: Draft): Outcome<null> {
  const { current, arrears } = draft.subscription;
  if (current === null || current.billing === null) {
    return hasPending(draft) ? undoPending(draft) : refuse({ code: 'change_without_effect', why: 'nothing_paid' });
  }
  // What is paid stays until its end, also where an upgrade of it is not (E21).
  const toEnd = { to: 'end' } as const;
  if (arrears === null || fallBack(draft, draft.at, toEnd)) return schedule(draft, toEnd);
  // Nothing of this time is paid for, so there is nothing to wait for.
  const free = planAfterPaid(draft, draft.at);
  if (free === null) endSubscription(draft, draft.at);
  else beginPlan(draft, free, null);
  return DONE;
}

/** The last wish wins: over what was scheduled before, and over what is not paid yet. */
function schedule(draft: Draft, scheduled: ScheduledChange): Outcome<null> {
  dropOrder(draft);
  draft.put({ scheduled });
  decideAnew(draft);
  draft.tell(scheduled.to === 'end' ? 'end_scheduled' : 'change_scheduled', draft.at);
  return DONE;
}

export function undoPending(draft: Draft): Outcome<null> {
  if (!hasPending(draft)) return refuse({ code: 'change_without_effect', why: 'nothing_pending' });
  dropOrder(draft);
  draft.put({ scheduled: null });
  decideAnew(draft);
  draft.tell('change_undone', draft.at);
  return DONE;
}

function hasPending({ subscription: { scheduled, order: ordered } }: Draft): boolean {
  return scheduled !== null || ordered !== null;
}

function dropOrder(draft: Draft): void {
  draft.drop(draft.subscription.order?.payment);
  draft.put({ order: null });
}
