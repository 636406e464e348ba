// Domain room, with the calendar. What falls due by itself: a renewal is decided ahead of its boundary, a period gives
// way to the next one, and the patience with a missing payment ends.
import { invariant } from '../failures/invariant.js';
import type { PlanRef, PlanTerms } from '../plans/plan-version.js';
import { versionInForce } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import { abandonAhead, endSubscription, planAfterPaid } from './begin.js';
import type { Draft } from './draft.js';
import { endsPaidTime, periodAfter } from './periods.js';
import { decisionAt, wakeBehind } from './policy.js';
import type {
  Arrears,
  AskedPayment,
  CurrentPlan,
  RenewalAhead,
  ScheduledChange,
  StandingPayment,
  Subscription,
} from './subscription.js';

/** The next instant at which something is due, and what. Null where nothing is, until somebody does something. */
export function nextDue({ subscription, ground }: Pick<Draft, 'subscription' | 'ground'>): Due | null {
  const { current, ahead, arrears, subject } = subscription;
  if (current === null || arrears?.suspended === true) return null;
  const due: Due =
    ahead === null
      ? { at: decisionAt(subject, current.period, ground.policy), run: decideRenewal }
      : { at: current.period.end, run: beginNextPeriod };
  return arrears !== null && arrears.graceUntil < due.at ? { at: arrears.graceUntil, run: endGrace } : due;
}

/** When to ask again: when something falls due, and a while later where nobody's affairs hang on that instant. */
export function wakeAfter(draft: Pick<Draft, 'subscription' | 'ground'>): Instant | null {
  const due = nextDue(draft);
  if (due === null) return null;
  const next = quietlyNext(draft.subscription);
  return next === null ? due.at : wakeBehind(draft.subscription.subject, next.period, draft.ground.policy);
}

/**
 * The period to come, where its beginning changes nothing that anybody goes by but the credits, and those stand ready
 * in the ledger: paid for, on the same plan, with nothing ordered, scheduled or owed. Null otherwise.
 */
function quietlyNext({ current, ahead, scheduled, order, arrears }: Subscription): CurrentPlan | null {
  if (current === null || ahead === null || !ahead.paid) return null;
  if (scheduled !== null || order !== null || arrears !== null) return null;
  const { next } = ahead;
  const { planId, version } = current.plan;
  return next?.plan.planId === planId && next.plan.version === version ? next : null;
}

export interface Due {
  readonly at: Instant;
  readonly run: (draft: Draft) => void;
}

/**
 * What was decided already takes its course, so that what has begun is not taken back; nothing is decided, and nothing
 * asked to be paid, for whoever ends now.
 */
export function catchUpWithDecided(draft: Draft): void {
  for (let due = nextDue(draft); due !== null && due.at <= draft.at; due = nextDue(draft)) {
    if (due.run === decideRenewal) return;
    due.run(draft);
  }
}

/** Everything that fell due by now, in order: after a standstill each missed period is booked, one after the other. */
export function catchUp(draft: Draft): void {
  for (let due = nextDue(draft); due !== null && due.at <= draft.at; due = nextDue(draft)) due.run(draft);
}

function present({ current }: Subscription): CurrentPlan {
  invariant(current !== null, 'subscription.due-while-current', 'something fell due without a plan');
  return current;
}

/** The plan of the period to come; a plan in force keeps its version for all the time that was paid (edge 40). */
export function planToCome(draft: Draft): PlanTerms | null {
  const { subscription, ground } = draft;
  const current = present(subscription);
  const terms = draft.termsOf(current.plan);
  if (!endsPaidTime(current)) return terms;
  const { end } = current.period;
  const { scheduled } = subscription;
  if (scheduled?.to === 'end' || ground.endsWithPaidTime === true) return planAfterPaid(draft, end);
  return versionInForce(ground.plans, scheduled?.planId ?? terms.planId, end) ?? terms;
}

/** Asks for the payment, or posts the lot where none is needed. Nothing of it counts before the boundary. */
export function decideRenewal(draft: Draft): void {
  decide(draft, 0);
}

function decide(draft: Draft, lotsNamed: number): void {
  const { subscription } = draft;
  const current = present(subscription);
  const to = planToCome(draft);
  if (to === null) {
    draft.put({ ahead: { next: null, payment: null, paid: true, lotsNamed } });
    return;
  }
  const plans = { from: draft.termsOf(current.plan), to };
  const next = { ...periodAfter(current, plans, subscription.zone), lotsNamed };
  draft.put({ ahead: asked(draft, next, to) ?? owed(draft, next) ?? granted(draft, next, to) });
}

/** A price is due at the end of the time that was paid; not for a time that is over before it could be asked for. */
function priceOf(current: CurrentPlan, next: CurrentPlan, to: PlanTerms): PlanTerms['price'] {
  return endsPaidTime(current) && next.billing !== null ? to.price : null;
}

function isOver({ billing }: CurrentPlan, at: Instant): boolean {
  return billing !== null && billing.end <= at;
}

function asked(draft: Draft, next: CurrentPlan, to: PlanTerms): RenewalAhead | null {
  const { current, arrears } = draft.subscription;
  const price = priceOf(present(draft.subscription), next, to);
  if (current === null || price === null || isOver(next, draft.at)) return null;
  const payment = draft.ask(next.plan, price, 'renewal');
  // Whoever pays now pays for what is to come: the old period is all but over.
  if (arrears !== null) {
    draft.drop(arrears.payment);
    draft.put({ arrears: { ...arrears, payment } });
  }
  return { next, payment, paid: false, lotsNamed: next.lotsNamed };
}

/** Within a time that nobody has paid for, and after it, no credits come until somebody has. */
function owed(draft: Draft, next: CurrentPlan): RenewalAhead | null {
  const { arrears } = draft.subscription;
  const current = present(draft.subscription);
  if (arrears === null || (endsPaidTime(current) && !isOver(next, draft.at))) return null;
  return { next: { ...next, isWithheld: true }, payment: null, paid: false, lotsNamed: next.lotsNamed };
}

function granted(draft: Draft, next: CurrentPlan, to: PlanTerms): RenewalAhead {
  const ready = draft.grant(next, { amount: to.periodAllowance, validFrom: next.period.start });
  return { next: ready, payment: null, paid: true, lotsNamed: ready.lotsNamed };
}

/** After a change: what was decided ahead is taken back and decided anew, unless it would come out the same. */
export function decideAnew(draft: Draft): void {
  const { ahead } = draft.subscription;
  if (ahead === null) return;
  const to = planToCome(draft);
  const plan = ahead.next?.plan;
  if (ahead.paid && plan?.planId === to?.planId && plan?.version === to?.version) return;
  decideOnceMore(draft);
}

/** Where something was decided ahead: it is taken back and decided by what is so now. */
export function decideOnceMore(draft: Draft): void {
  const { ahead } = draft.subscription;
  if (ahead === null) return;
  abandonAhead(draft);
  decide(draft, ahead.lotsNamed);
}

/** The payment that was asked for ahead has come: the credits stand ready for the boundary. */
export function postAhead(draft: Draft): void {
  const { ahead, arrears } = draft.subscription;
  const next = ahead?.next ?? null;
  if (ahead === null || next === null || ahead.paid) return;
  const paid = { ...next, paidBy: ahead.payment === null ? [] : [ahead.payment] };
  const amount = draft.termsOf(next.plan).periodAllowance;
  const ready = draft.grant(paid, { amount, validFrom: next.period.start });
  draft.put({
    ahead: { ...ahead, next: ready, paid: true, lotsNamed: ready.lotsNamed },
    arrears: arrears?.payment.key === ahead.payment?.key ? null : arrears,
  });
}

function beginNextPeriod(draft: Draft): void {
  const { current: old, ahead, arrears, scheduled, order } = draft.subscription;
  invariant(old !== null && ahead !== null, 'subscription.decided-ahead', 'a boundary without a decision');
  const since = old.period.end;
  const { next, payment, paid } = ahead;
  if (order !== null && order.growth !== null) draft.lapseOrder(since);
  if (next === null) {
    draft.put({ ahead: null });
    endSubscription(draft, since);
    return;
  }
  if (paid && arrears !== null && arrears.payment.key !== payment?.key) draft.drop(arrears.payment);
  const unpaid =
    payment === null ? arrears : { ...owing(draft, payment), graceUntil: arrears?.graceUntil ?? graceFrom(draft) };
  draft.put({
    current: next,
    ahead: null,
    scheduled: endsPaidTime(old) ? null : scheduled,
    arrears: paid ? null : unpaid,
  });
  tellOfPeriod(draft, { old, wasOwing: arrears !== null });
}

/** Waited for from now on. */
export function owing(draft: Draft, payment: AskedPayment): Arrears {
  return { payment, graceUntil: graceFrom(draft), suspended: false, disputed: [] };
}

/** From when it is noticed: after a standstill nobody is suspended before a payment could be tried. */
function graceFrom({ at, ground }: Draft): Instant {
  return instant(at + ground.policy.graceMs);
}

function tellOfPeriod(draft: Draft, { old, wasOwing }: { old: CurrentPlan; wasOwing: boolean }): void {
  const { current, arrears } = draft.subscription;
  const since = old.period.end;
  const changed = current?.plan.planId !== old.plan.planId;
  const daily = (one: CurrentPlan | null): bigint => (one === null ? 0n : draft.termsOf(one.plan).dailyAllowance);
  if (daily(current) !== daily(old)) draft.applyTerms();
  const moved = changed || current?.plan.version !== old.plan.version;
  if (moved || wasOwing !== (arrears !== null)) draft.applyState();
  draft.tell('period_began', since);
  if (changed) draft.tell('plan_changed', since);
  if (arrears !== null && !wasOwing) draft.tell('past_due', since);
}

/** What began meanwhile has its credits from now on; where it is over by now, it is booked like all that was missed. */
export function grantWithheld(draft: Draft): void {
  const { current } = draft.subscription;
  if (current?.isWithheld !== true) return;
  const { start, end } = current.period;
  const amount = draft.termsOf(current.plan).periodAllowance;
  draft.put({ current: draft.grant(current, { amount, validFrom: end > draft.at ? draft.at : start }) });
}

export function isAskedAhead({ subscription: { ahead } }: Draft, { payment }: Arrears): boolean {
  return ahead?.payment?.key === payment.key;
}

/**
 * Where upgrades alone are owed: the plan that is paid for without them. Null where the time itself is owed, and where
 * a later upgrade is paid for all the same: what is paid then is no plan.
 */
export function paidWithoutUpgrades(draft: Draft): PlanRef | null {
  const { current, arrears } = draft.subscription;
  const disputed = arrears?.disputed ?? [];
  const before = disputed.flatMap(({ isForTime, upgradeFrom }) => (isForTime ? [] : (upgradeFrom ?? [])));
  if (before.length < disputed.length) return null;
  const tierOf = (plan: PlanRef): number => draft.termsOf(plan).tier;
  const [lowest] = before.toSorted((one, other) => tierOf(one) - tierOf(other));
  if (lowest === undefined) return null;
  const isAbove = ({ upgradeFrom }: StandingPayment): boolean =>
    upgradeFrom !== undefined && tierOf(upgradeFrom) >= tierOf(lowest);
  return current?.paidBy.some(isAbove) === true ? null : lowest;
}

/** The upgrade is over, and the time goes on under the plan it is paid for. False where the time itself is owed. */
export function fallBack(
  draft: Draft,
  since: Instant,
  scheduled: ScheduledChange | null = draft.subscription.scheduled,
): boolean {
  const { current, arrears } = draft.subscription;
  const plan = paidWithoutUpgrades(draft);
  if (current === null || arrears === null || plan === null) return false;
  if (!isAskedAhead(draft, arrears)) draft.drop(arrears.payment);
  // Should the bank give it back now, it goes to whoever paid.
  for (const payment of arrears.disputed) draft.drop(payment);
  draft.lapseOrder(since);
  draft.put({ current: { ...current, plan }, arrears: null, scheduled });
  grantWithheld(draft);
  draft.applyPlan();
  draft.tell('plan_changed', since);
  decideOnceMore(draft);
  return true;
}

function endGrace(draft: Draft): void {
  const { arrears, subject } = draft.subscription;
  invariant(arrears !== null, 'subscription.grace-of-arrears', 'patience ended with nothing owed');
  if (fallBack(draft, arrears.graceUntil)) return;
  if (subject.kind === 'end_user') {
    endSubscription(draft, arrears.graceUntil);
    return;
  }
  abandonAhead(draft);
  draft.put({ arrears: { ...arrears, suspended: true } });
  draft.applyState();
  draft.tell('suspended', arrears.graceUntil);
}
