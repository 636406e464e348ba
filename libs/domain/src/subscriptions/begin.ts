// Domain room, with the calendar. A plan that begins now with a period of its own, and a subscription that ends now.
import { largest, ZERO } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { PlanTerms } from '../plans/plan-version.js';
import { plansInForce } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import type { Draft } from './draft.js';
import { firstPeriodOf } from './periods.js';
import type { AskedPayment } from './subscription.js';

/** Full credits from now on, counted from now on; what was there of a period ends with the same posting (X23). */
export function beginPlan(draft: Draft, terms: PlanTerms, payment: AskedPayment | null): void {
  const { current: old, zone } = draft.subscription;
  setAside(draft);
  const fresh = firstPeriodOf(terms, zone, draft.at);
  const lotsNamed = old?.period.start === draft.at ? old.lotsNamed : 0;
  // No larger plan gives less; one that was published since may, and then nobody loses by paying (E20).
  const amount = largest(terms.periodAllowance, old?.billing === null ? (old.lot?.granted ?? ZERO) : ZERO);
  const begun = { ...fresh, paidBy: payment === null ? [] : [payment], lotsNamed };
  const current = draft.grant(begun, { amount, validFrom: draft.at, inPlaceOf: old?.lot ?? null });
  draft.put({ current });
  draft.applyPlan();
  draft.tell('plan_changed', draft.at);
}

/** No plan is left. The lot of the present period lives to its own end. */
export function endSubscription(draft: Draft, since: Instant): void {
  setAside(draft);
  draft.put({ current: null });
  draft.applyPlan();
  draft.tell('ended', since);
}

/** What a subscription comes to when nobody pays any more: an account goes on for free, a visitor's ends. */
export function planAfterPaid(draft: Draft, at: Instant): PlanTerms | null {
  if (draft.subscription.subject.kind === 'end_user') return null;
  const isFree = ({ scope, tier, custom }: PlanTerms): boolean => scope === 'account' && tier === 0 && !custom;
  const free = plansInForce(draft.ground.plans, at).find(isFree);
  invariant(free !== undefined, 'plan.one-is-free', 'no plan of an account costs nothing');
  return free;
}

/** Nothing that was asked for or decided is wanted any more. */
function setAside(draft: Draft): void {
  const { order, arrears } = draft.subscription;
  abandonAhead(draft);
  draft.drop(arrears?.payment);
  draft.drop(order?.payment);
  draft.put({ scheduled: null, order: null, arrears: null });
}

/** The lot that was posted ahead goes back before it begins, and so does what was paid for it. */
export function abandonAhead(draft: Draft): void {
  const { ahead, arrears } = draft.subscription;
  if (ahead === null) return;
  const lot = ahead.next?.lot ?? null;
  if (lot !== null) draft.do({ do: 'take_back_lot', source: lot.source });
  if (ahead.payment?.key !== arrears?.payment.key) draft.drop(ahead.payment);
  draft.put({ ahead: null });
}
