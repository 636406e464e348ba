// Domain room, with the calendar. The one door of a subscription: a state and an event give the next state, what is to
// be done for it, and when to ask again. The same input gives the same answer, keys included.
import { unreachable } from '../failures/exhaustive.js';
import type { Outcome } from '../failures/refusal.js';
import { accept } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';
import { endSubscription } from './begin.js';
import { changePlan, endPaidPlan, undoPending } from './change.js';
import type { SubscriptionGround } from './draft.js';
import { Draft } from './draft.js';
import type { SubscriptionEffect } from './effects.js';
import type { SubscriptionEvent } from './events.js';
import { hearPayment } from './payment.js';
import { byRulesOfToday, reckonsAhead } from './periods.js';
import { catchUp, catchUpWithDecided, wakeAfter } from './renewal.js';
import { hearReturned } from './returned.js';
import type { Subscription, SubscriptionSubject } from './subscription.js';

export interface SubscriptionStep {
  readonly subscription: Subscription;
  readonly effects: readonly SubscriptionEffect[];
  /**
   * The next `wake`; it may have passed. Null where nothing is due until something happens. Behind the boundary where
   * nothing but its news is due there: whoever asks in between calls `advance` all the same, and finds the new period.
   */
  readonly wakeAt: Instant | null;
}

/** Before its first plan. */
export function newSubscription(subject: SubscriptionSubject, zone: string): Subscription {
  return { subject, zone, current: null, scheduled: null, order: null, ahead: null, arrears: null, keysMade: 0 };
}

/** What fell due by `ground.at` comes first, then the event: at one instant the period's reset precedes the change. */
export function advance(
  subscription: Subscription,
  event: SubscriptionEvent,
  ground: SubscriptionGround,
): Outcome<SubscriptionStep> {
  const draft = new Draft(subscription, ground);
  reckonAnew(draft);
  if (event.type === 'close') catchUpWithDecided(draft);
  else catchUp(draft);
  const done = apply(draft, event);
  return done.ok
    ? accept({ subscription: draft.subscription, effects: draft.effects, wakeAt: wakeAfter(draft) })
    : done;
}

/** By the time-zone rules of today, what an older release may have put elsewhere. */
function reckonAnew(draft: Draft): void {
  const { current } = draft.subscription;
  if (current === null || !reckonsAhead(current)) return;
  draft.put({ current: byRulesOfToday(current, draft.termsOf(current.plan)) });
}

const DONE = accept(null);

function apply(draft: Draft, event: SubscriptionEvent): Outcome<null> {
  switch (event.type) {
    case 'wake':
      return DONE;
    case 'change':
      return changePlan(draft, event);
    case 'cancel':
      return endPaidPlan(draft);
    case 'undo':
      return undoPending(draft);
    case 'payment':
      hearPayment(draft, event);
      return DONE;
    case 'payment_returned':
      // What never stood as paid here has failed as any other.
      if (!hearReturned(draft, event.key)) hearPayment(draft, { key: event.key, paid: false });
      return DONE;
    case 'zone':
      draft.put({ zone: event.zone });
      draft.applyTerms();
      return DONE;
    case 'close':
      endSubscription(draft, draft.at);
      return DONE;
    default:
      return unreachable(event);
  }
}
