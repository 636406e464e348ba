// Domain room, with the calendar. What a change would do, told by doing it to a copy: the preview and the change cannot
// disagree, because they are the same function.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, shortfall, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept } from '../failures/refusal.js';
import type { PlanPrice, PlanRef } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import type { SubscriptionStep } from './advance.js';
import { advance } from './advance.js';
import type { SubscriptionGround } from './draft.js';
import { Draft } from './draft.js';
import type { SubscriptionEffect } from './effects.js';
import type { SubscriptionEvent } from './events.js';
import { endsPaidTime } from './periods.js';
import { planToCome } from './renewal.js';
import type { Subscription } from './subscription.js';

export type PreviewedChange = Extract<SubscriptionEvent, { type: 'change' | 'cancel' | 'undo' }>;

/** What the ledger has now of whatever a change may touch. */
export interface CreditsNow {
  /** Free to be used of the lot of the present period. */
  readonly leftOfPeriod: MicroCredits;
  /** What today's lot was given, whatever is left of it. */
  readonly givenToday: MicroCredits;
  /** What is bought pays it first. */
  readonly debt: MicroCredits;
}

export interface PreviewGround extends SubscriptionGround {
  readonly now: CreditsNow;
}

export interface ChangePreview extends AvailableChange {
  /** To be sent along with the change: in another period these figures do not hold. */
  readonly periodStart: Instant | null;
  readonly takesEffect: 'now' | 'when_paid' | 'at_end_of_paid_time';
  /** Null where nothing is to be paid now. */
  readonly price: PlanPrice | null;
  /** Whether what is left of the present period ends, because a new one begins. */
  readonly endsPresentPeriod: boolean;
  /** A change that was pending and is given up by this one. */
  readonly dropsPending: boolean;
  readonly nextRenewal: NextRenewal | null;
}

/** What the change does to what is available, now or once it is paid. */
interface AvailableChange {
  /** What it adds to the credits of a period. */
  readonly credits: MicroCredits;
  /** What it adds to the credits of today. */
  readonly dailyCredits: MicroCredits;
  /** What ends by it of the present period. */
  readonly endsCredits: MicroCredits;
  /** What of the credits of a period pays what is owed. */
  readonly paysDebt: MicroCredits;
  /** All of it together, to the micro-credit. */
  readonly availableChange: MicroCredits;
}

export interface NextRenewal {
  readonly at: Instant;
  /** Null where nothing follows. */
  readonly plan: PlanRef | null;
  readonly credits: MicroCredits;
  /** Null where this one is not paid for: credits by the month of a year that is. */
  readonly price: PlanPrice | null;
}

export function previewChange(
  subscription: Subscription,
  event: PreviewedChange,
  ground: PreviewGround,
): Outcome<ChangePreview> {
  const before = advance(subscription, { type: 'wake' }, ground);
  if (!before.ok) return before;
  const had = before.value.subscription;
  const changed = advance(had, event, ground);
  if (!changed.ok) return changed;
  const payment = changed.value.subscription.order?.payment ?? null;
  const paid = payment === null ? changed : whenPaid(changed.value, payment.key, ground);
  if (!paid.ok) return paid;
  const { subscription: after } = paid.value;
  const effects = payment === null ? changed.value.effects : paid.value.effects;
  const isScheduled = after.scheduled !== null;
  return accept({
    periodStart: had.current?.period.start ?? null,
    takesEffect: payment !== null ? 'when_paid' : isScheduled ? 'at_end_of_paid_time' : 'now',
    price: payment?.price ?? null,
    ...availableChange(effects, ground),
    endsPresentPeriod: effects.some(endsALot),
    dropsPending: event.type !== 'undo' && (had.scheduled !== null || had.order !== null),
    nextRenewal: nextRenewalOf(after, ground),
  });
}

function whenPaid(step: SubscriptionStep, key: string, ground: SubscriptionGround): Outcome<SubscriptionStep> {
  return advance(step.subscription, { type: 'payment', key, paid: true }, ground);
}

function availableChange(effects: readonly SubscriptionEffect[], { at, now }: PreviewGround): AvailableChange {
  const credits = add(ZERO, ...effects.map((effect) => addedNow(effect, at)));
  const bought = add(ZERO, ...effects.filter(isPaidFor).map((effect) => addedNow(effect, at)));
  const perDay = effects.findLast((effect) => effect.do === 'set_terms')?.dailyAllowance ?? ZERO;
  // Today's lot grows at once, and becomes smaller with the next one alone.
  const dailyCredits = shortfall(perDay, now.givenToday);
  const endsCredits = effects.some(endsALot) ? now.leftOfPeriod : ZERO;
  const paysDebt = smallest(bought, now.debt);
  const gone = add(endsCredits, paysDebt);
  return {
    credits,
    dailyCredits,
    endsCredits,
    paysDebt,
    availableChange: subtract(add(credits, dailyCredits), gone),
  };
}

function endsALot(effect: SubscriptionEffect): boolean {
  return effect.do === 'end_lot' || (effect.do === 'grant_lot' && effect.inPlaceOf !== undefined);
}

function isPaidFor(effect: SubscriptionEffect): boolean {
  return effect.do === 'grant_lot' && effect.paidBy !== null;
}

function addedNow(effect: SubscriptionEffect, at: Instant): MicroCredits {
  if (effect.do === 'grow_lot') return effect.amount;
  return effect.do === 'grant_lot' && effect.validFrom <= at ? effect.amount : ZERO;
}

/** As it stands: with the plan that follows, and what it will bring and cost. */
export function nextRenewalOf(subscription: Subscription, ground: SubscriptionGround): NextRenewal | null {
  const { current } = subscription;
  if (current === null) return null;
  const to = planToCome(new Draft(subscription, ground));
  return {
    at: current.period.end,
    plan: to === null ? null : { planId: to.planId, version: to.version },
    credits: to?.periodAllowance ?? ZERO,
    price: endsPaidTime(current) ? (to?.price ?? null) : null,
  };
}
