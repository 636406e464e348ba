// Workflows room. Which payments a subscription knows of, as they were asked for: asked once more they tell what became
// of them while nobody listened.
import type { PaymentHeard, WirePayment, WirePaymentEffect, WireSubscription } from '@fairmeter/contracts';
import type { PlanRef } from '@fairmeter/domain';

type Ask = Extract<WirePaymentEffect, { do: 'ask_payment' }>;

export interface KnownPayment {
  readonly ask: Ask;
  /** As the subscription knows it. */
  readonly isPaid: boolean;
}

/** Each once. */
export function knownPayments({ current, order, ahead, arrears }: WireSubscription): readonly KnownPayment[] {
  const known: KnownPayment[] = [];
  const add = (ask: Ask, isPaid: boolean): void => {
    if (!known.some(({ ask: { key } }) => key === ask.key)) known.push({ ask, isPaid });
  };
  if (order !== null) {
    const { plan, payment, growthMicroCredits } = order;
    add({ do: 'ask_payment', ...payment, plan, why: growthMicroCredits === null ? 'start' : 'upgrade' }, false);
  }
  const next = ahead?.next ?? null;
  const payment = ahead?.payment ?? null;
  if (next !== null && payment !== null) add(renewal(next.plan, payment), ahead?.paid === true);
  if (current === null) return known;
  for (const paid of current.paidBy ?? []) add(renewal(current.plan, paid), true);
  if (arrears === null) return known;
  for (const owed of [arrears.payment, ...(arrears.disputed ?? [])]) add(renewal(current.plan, owed), false);
  return known;
}

/** Where it has become of it what the subscription does not know; that a renewal failed changes nothing for it. */
export function newsOf({ ask: { key, why }, isPaid }: KnownPayment, heard: PaymentHeard): readonly PaymentHeard[] {
  if (isPaid) return heard.paid ? [] : [{ key, paid: false, returned: true }];
  return heard.paid || why !== 'renewal' ? [heard] : [];
}

function renewal(plan: PlanRef, { key, price }: WirePayment): Ask {
  return { do: 'ask_payment', key, price, plan, why: 'renewal' };
}
