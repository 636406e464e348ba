// Activities room. What is heard of a payment of a subscription, whoever tells it: noted once, and what stands by all
// of it is written down.
import type { AppliedPayment, PaymentEvent } from '@fairmeter/contracts';
import type { StandingByReference, SubscriptionPaymentNews, SubscriptionPaymentState } from '@fairmeter/domain';
import { standingByReference } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { HeardBefore, SubscriptionPayment } from '@fairmeter/records';
import {
  lockSubscriptionPayment,
  matchHeard,
  noteHeard,
  readHeardOfSubscription,
  saveLookedAtSoon,
  saveSubscriptionPayment,
  wasPaidBeforeForgotten,
  writeAudit,
} from '@fairmeter/records';
import { listFailedRefund } from '../purchases/failed-refunds.js';
import type { PaidLots } from './paid-lots.js';

/** Where none of ours is meant it is kept all the same: whose it is may be heard later. */
export async function hearOfSubscription(
  tx: EntityManager,
  event: PaymentEvent,
  paidLots: PaidLots,
): Promise<Pick<AppliedPayment, 'subscription'>> {
  const { subscriptionPaymentId: id, paymentRef } = event;
  const payment = await lockSubscriptionPayment(tx, { id, paymentRef });
  if (payment === null) {
    await noteHeard(tx, event, null);
    return {};
  }
  if (event.news === 'refund_failed') {
    await noteFailedRefund(tx, payment, event);
    return {};
  }
  const stands = await takeNews(tx, payment, event);
  const { state } = stands;
  await paidLots.follow(tx, payment, state);
  const paid = state === 'paid' ? true : state === 'failed' ? false : null;
  const returned = state === 'returned' && payment.isWanted;
  const { id: paymentId, subject, key } = payment;
  if (event.news === 'failed' && state === 'failed' && isRenewed(payment)) await saveLookedAtSoon(tx, paymentId);
  const owesBack = stands.owesBack || stands.surplus.length > 0 || hasOpenPage(payment, state);
  return { subscription: { paymentId, subject, key, paid, returned, owesBack } };
}

async function noteFailedRefund(tx: EntityManager, payment: SubscriptionPayment, event: PaymentEvent): Promise<void> {
  await noteHeard(tx, event, { what: 'subscription_payment_id', id: payment.id });
  await listForPerson(tx, payment, event);
}

/** What came of the payment stays: which of its months the money is for by now, a person decides. */
async function listForPerson(
  tx: EntityManager,
  payment: SubscriptionPayment,
  { eventId, refundRef, paymentRef }: PaymentEvent | HeardBefore,
): Promise<void> {
  const { id, subject, state } = payment;
  const stands = { state, ...auditedPrice(payment) };
  await listFailedRefund(tx, {
    ...{ what: 'subscription_payment', id, accountId: subject.accountId, before: stands, after: stands },
    refundRef: refundRef ?? eventId,
    paymentRef: paymentRef ?? payment.paymentRef,
  });
}

/** It is waited for although it failed: there is another way to pay it. */
export function isRenewed({ why }: SubscriptionPayment): boolean {
  return why === 'renewal' || why === 'again';
}

/** It was paid in another way than on its last page, which nobody is to pay on as well. */
function hasOpenPage(payment: SubscriptionPayment, state: SubscriptionPaymentState): boolean {
  return state === 'paid' && payment.state !== 'paid' && payment.checkoutRef !== null && isRenewed(payment);
}

/** What we saw ourselves, as if it had been told. */
export function seenNews(id: string, news: SubscriptionPaymentNews, paymentRef: string | undefined): PaymentEvent {
  const ref = paymentRef === undefined ? {} : { paymentRef };
  const eventId = paymentRef === undefined ? `${id}/${news}` : `${id}/${news}/${paymentRef}`;
  return { provider: 'checkout', eventId, news, subscriptionPaymentId: id, ...ref };
}

/** The payment is locked. */
export async function takeNews(
  tx: EntityManager,
  payment: SubscriptionPayment,
  event: PaymentEvent,
): Promise<StandingByReference> {
  const { news, paymentRef = null } = event;
  const of = { what: 'subscription_payment_id', id: payment.id } as const;
  await noteHeard(tx, event, of);
  // A charge that was declined is not what it is paid by.
  const paidRef = news === 'failed' ? null : paymentRef;
  const before = paidRef === null ? [] : await matchHeard(tx, of, paidRef);
  const stands = await settle(tx, payment, paidRef);
  for (const heard of before) {
    if (heard.news === 'refund_failed') await listForPerson(tx, { ...payment, state: stands.state }, heard);
  }
  return stands;
}

/** The payment is locked. That money which was used has gone back is for people to see: the audit tells them. */
export async function settle(
  tx: EntityManager,
  payment: SubscriptionPayment,
  heardRef: string | null = null,
): Promise<StandingByReference> {
  const { id, subject, state: before } = payment;
  const isWanted = payment.isWanted || (await wasPaidBeforeForgotten(tx, id));
  const heard = await readHeardOfSubscription(tx, id);
  const stands = standingByReference(heard, { isWanted, knownRef: payment.paymentRef ?? heardRef });
  await saveSubscriptionPayment(tx, id, stands);
  if (before !== 'paid' || stands.state !== 'returned') return stands;
  await writeAudit(tx, {
    accountId: subject.accountId,
    actor: { role: 'platform', id: 'payments' },
    action: 'subscription_payment.returned',
    targetId: id,
    before: { state: before, ...auditedPrice(payment) },
    after: { state: stands.state, ...auditedPrice(payment) },
  });
  return stands;
}

export function auditedPrice({ price }: SubscriptionPayment): { amount_minor: string; iso_4217: string } {
  return { amount_minor: price.minor.toString(), iso_4217: price.currency };
}
