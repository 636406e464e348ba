// Domain room, with the calendar. News of a payment, whichever it was asked for. It may come twice: what is settled, or
// was dropped and so goes back by itself, is no news.
import { beginPlan } from './begin.js';
import { takeEffect } from './change.js';
import type { Draft } from './draft.js';
import { decideAnew, postAhead } from './renewal.js';
import { paidAgain, winBack } from './returned.js';
import type { AskedPayment } from './subscription.js';

export function hearPayment(draft: Draft, { key, paid }: { readonly key: string; readonly paid: boolean }): void {
  const { order, ahead, arrears } = draft.subscription;
  if (order?.payment.key === key) {
    if (paid) takeEffect(draft, { ...order, key });
    else failed(draft, { order: null });
  } else if (ahead?.payment?.key === key) {
    if (!ahead.paid) (paid ? paidAhead : failed)(draft);
  } else if (arrears?.payment.key === key) {
    const [disputed] = arrears.disputed;
    if (!paid) failed(draft);
    else if (disputed === undefined) paidLate(draft, arrears.payment);
    else paidAgain(draft, arrears, disputed);
  } else if (paid) {
    winBack(draft, key);
  }
}

/** A renewal is waited for all the same; an order is over, and must not be paid behind our back. */
function failed(draft: Draft, ended: { readonly order?: null } = {}): void {
  if (ended.order === null) draft.drop(draft.subscription.order?.payment);
  draft.put(ended);
  draft.tell('payment_failed', draft.at);
}

function paidAhead(draft: Draft): void {
  const wasOwing = draft.subscription.arrears !== null;
  postAhead(draft);
  if (wasOwing) draft.applyState();
}

/** The full amount from the payment on, to the end of the period it was asked for; the anchor stays (edge 38). */
function paidLate(draft: Draft, payment: AskedPayment): void {
  const { current, order } = draft.subscription;
  // What was ordered in its place would now be paid twice.
  draft.drop(order?.payment);
  draft.put({ arrears: null, order: null });
  if (current === null) return;
  const terms = draft.termsOf(current.plan);
  if (current.period.end <= draft.at) {
    // Suspended beyond its end: nothing of it could be used, so it is made up for by a new one.
    beginPlan(draft, terms, payment);
    return;
  }
  const paid = { ...current, paidBy: [payment] };
  draft.put({ current: draft.grant(paid, { amount: terms.periodAllowance, validFrom: draft.at }) });
  draft.applyState();
  draft.tell('paid_after_all', draft.at);
  decideAnew(draft);
}
