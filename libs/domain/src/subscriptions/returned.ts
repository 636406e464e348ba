// Domain room, with the calendar. Money that came for a subscription and went back: nothing more comes of the time it
// was for until that is paid again, or the bank gives the money back. What was granted of it is the ledger's matter.
import type { Draft } from './draft.js';
import { endsPaidTime } from './periods.js';
import { catchUp, decideAnew, decideOnceMore, fallBack, grantWithheld, isAskedAhead, owing } from './renewal.js';
import type {
  Arrears,
  AskedPayment,
  CurrentPlan,
  DisputedPayment,
  RenewalAhead,
  StandingPayment,
} from './subscription.js';

/** False where neither the time in force stands by it nor the one to come. */
export function hearReturned(draft: Draft, key: string): boolean {
  const { current, ahead } = draft.subscription;
  if (ahead?.payment?.key === key && ahead.paid) {
    returnedAhead(draft, ahead, ahead.payment);
    return true;
  }
  const payment = current?.paidBy.find((one) => one.key === key);
  if (current === null || payment === undefined) return false;
  returnedWithin(draft, current, payment);
  return true;
}

/** Nothing has begun by it. Should the bank give it back, it goes to whoever paid: another one is asked for. */
function returnedAhead(draft: Draft, ahead: RenewalAhead, payment: AskedPayment): void {
  const { next } = ahead;
  if (next === null) return;
  if (next.lot !== null) draft.do({ do: 'take_back_lot', source: next.lot.source });
  draft.drop(payment);
  const again = draft.askAgain(next.plan, payment);
  draft.put({ ahead: { ...ahead, next: { ...next, lot: null, paidBy: [] }, payment: again, paid: false } });
  draft.tell('payment_failed', draft.at);
}

function returnedWithin(draft: Draft, current: CurrentPlan, payment: StandingPayment): void {
  const { arrears } = draft.subscription;
  const paidBy = current.paidBy.filter((one) => one !== payment);
  // An upgrade grew the lot of a time that is paid for all the same.
  const isForTime =
    payment.upgradeFrom === undefined &&
    current.paidBy[0] === payment &&
    arrears?.disputed.some((one) => one.isForTime) !== true;
  draft.put({ current: { ...current, paidBy, lot: isForTime ? null : current.lot } });
  draft.lapseOrder(draft.at);
  const owed = arrears ?? owing(draft, askedAhead(draft) ?? draft.askAgain(current.plan, payment));
  draft.put({ arrears: { ...owed, disputed: [...owed.disputed, { ...payment, isForTime }] } });
  // Of the same time no further credits come.
  if (!endsPaidTime(current)) decideOnceMore(draft);
  if (arrears !== null) return;
  draft.applyState();
  draft.tell('past_due', draft.at);
}

/** What is to come is asked for already: whoever pays now pays for that. */
function askedAhead({ subscription: { ahead } }: Draft): AskedPayment | null {
  return ahead === null || ahead.paid ? null : ahead.payment;
}

/** The bank has given back what it took: nothing is asked for in its place any more. */
export function winBack(draft: Draft, key: string): void {
  const { arrears } = draft.subscription;
  const won = arrears?.disputed.find((one) => one.key === key);
  if (arrears === null || won === undefined) return;
  if (won === arrears.disputed[0] && !isAskedAhead(draft, arrears)) draft.drop(arrears.payment);
  const { isForTime: _, ...paid } = won;
  settled(draft, { arrears, disputed: won, paid });
}

/** In place of what was taken back: should the bank give that back now, it goes to whoever paid. */
export function paidAgain(draft: Draft, arrears: Arrears, disputed: DisputedPayment): void {
  draft.drop(disputed);
  const { upgradeFrom } = disputed;
  const paid = upgradeFrom === undefined ? arrears.payment : { ...arrears.payment, upgradeFrom };
  settled(draft, { arrears, disputed, paid });
}

interface Settled {
  readonly arrears: Arrears;
  readonly disputed: DisputedPayment;
  readonly paid: StandingPayment;
}

/** Once nothing is with the bank any more, the time is paid as before, and goes on from where it is by now. */
function settled(draft: Draft, { arrears, disputed, paid }: Settled): void {
  const { current } = draft.subscription;
  if (current === null) return;
  const paidBy = disputed.isForTime ? [paid, ...current.paidBy] : [...current.paidBy, paid];
  const left = arrears.disputed.filter((one) => one !== disputed);
  const [next] = left;
  draft.put({ current: { ...current, paidBy } });
  if (next !== undefined) {
    const isAsked = disputed !== arrears.disputed[0] || isAskedAhead(draft, arrears);
    const payment = isAsked ? arrears.payment : draft.askAgain(current.plan, next);
    draft.put({ arrears: { ...arrears, payment, disputed: left } });
    // Nobody is suspended for upgrades alone: where the patience is over by now, they are as well.
    if (arrears.graceUntil <= draft.at && fallBack(draft, draft.at)) catchUp(draft);
    return;
  }
  draft.put({ arrears: null });
  // It would begin a time in the place of the one that is paid for.
  draft.lapseOrder(draft.at);
  grantWithheld(draft);
  draft.applyState();
  draft.tell('paid_after_all', draft.at);
  if (draft.subscription.ahead?.payment === null) decideAnew(draft);
  catchUp(draft);
}
