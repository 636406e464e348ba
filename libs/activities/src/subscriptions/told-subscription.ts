// Activities room. What is told of a subscription after a step, its next renewal among it: that needs the calendar, so
// no workflow could say it.
import type { SubscriptionTold, ToldRenewal } from '@fairmeter/contracts';
import { packPayment, packPrice } from '@fairmeter/contracts';
import type { Subscription } from '@fairmeter/domain';
import { formatMicroCredits, subscriptionState } from '@fairmeter/domain';
import type { SubscriptionGround } from '@fairmeter/domain/subscriptions';
import { nextRenewalOf } from '@fairmeter/domain/subscriptions';

export function toldOf(subscription: Subscription, ground: SubscriptionGround): SubscriptionTold {
  const { current, scheduled, order, arrears } = subscription;
  return {
    state: subscriptionState(subscription),
    plan: current?.plan ?? null,
    period: current === null ? null : { start: current.period.start, end: current.period.end },
    scheduled,
    order: order === null ? null : { plan: order.plan, payment: packPayment(order.payment) },
    arrears: arrears === null ? null : { payment: packPayment(arrears.payment), graceUntil: arrears.graceUntil },
    nextRenewal: renewalOf(subscription, ground),
  };
}

function renewalOf(subscription: Subscription, ground: SubscriptionGround): ToldRenewal | null {
  const next = nextRenewalOf(subscription, ground);
  if (next === null) return null;
  const { at, plan, credits, price } = next;
  return {
    at,
    plan,
    creditsMicroCredits: formatMicroCredits(credits),
    price: price === null ? null : packPrice(price),
  };
}
