// Workflows room. A purchase until its payment is known: opens the checkout, and looks after it where no news comes.
// What nobody is there to have, and what staff reverse, is paid back the way it came.
import type {
  CheckoutLook,
  HeardSubscriptionPayment,
  PaymentEvent,
  PaymentHeard,
  PurchaseInput,
  ReversalAnswer,
  ReversalInput,
} from '@fairmeter/contracts';
import { checkoutUpdate, orderEndedSignal, paymentSignal, subscriptionWorkflowId } from '@fairmeter/contracts';
import type { PurchaseState } from '@fairmeter/domain';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { SEEK_LOST_SUBSCRIPTION } from '../patches.js';
import { CHECKOUT_LOOKS_MS, SLOW_PAYMENT_LOOKS_MS } from '../policies.js';
import {
  applyPayment,
  beginReversal,
  lookAtCheckout,
  openCheckout,
  payBack,
  returnSubscriptionPayment,
  seekSubscription,
} from '../proxies.js';

export async function purchase(input: PurchaseInput): Promise<PurchaseState> {
  let told: PurchaseState | undefined;
  let isEnded = false;
  setHandler(checkoutUpdate, async () => {
    await condition(() => told !== undefined);
    return { state: told ?? 'pending' };
  });
  setHandler(orderEndedSignal, () => {
    isEnded = true;
  });
  let look = await openCheckout(input);
  told = await standing(input, look);
  for (const [index, pauseMs] of [...CHECKOUT_LOOKS_MS, ...SLOW_PAYMENT_LOOKS_MS].entries()) {
    // By then nobody can pay on its page any more: only what was paid there and is still under way has a payment.
    const isUnderWay = index < CHECKOUT_LOOKS_MS.length || look.paymentRef !== undefined;
    if (look.state !== 'open' || !isUnderWay) break;
    await condition(() => isEnded, pauseMs);
    isEnded = false;
    look = await lookAtCheckout(input);
    told = await standing(input, look);
  }
  await condition(allHandlersFinished);
  return told;
}

/** One event of a provider, told by its webhook; whatever was heard of the payment before, the same is done once. */
export async function paymentEvent(event: PaymentEvent): Promise<PurchaseState | null> {
  return taken(event);
}

/** By staff, for a reason. Once its money is owed back it goes back, whoever goes away meanwhile. */
export async function purchaseReversal(input: ReversalInput): Promise<ReversalAnswer> {
  return CancellationScope.nonCancellable(async (): Promise<ReversalAnswer> => {
    const begun = await beginReversal(input);
    if (begun.outcome !== 'owed') return begun;
    return { outcome: (await sentBack(input)) === 'reversed' ? 'reversed' : 'provider_refused' };
  });
}

/** Where it stands by what was seen of its payment, with all that follows of that. */
export async function standing(
  { purchaseId }: PurchaseInput,
  { state, paymentRef }: CheckoutLook,
): Promise<PurchaseState> {
  if (state !== 'paid') return 'pending';
  const ref = paymentRef === undefined ? {} : { paymentRef };
  const event = { provider: 'checkout', eventId: `${purchaseId}/paid`, news: 'paid', purchaseId, ...ref } as const;
  return (await taken(event)) ?? 'pending';
}

async function taken(event: PaymentEvent): Promise<PurchaseState | null> {
  const { state, owedBack, subscription } = await applyPayment(event);
  if (subscription !== undefined) await tellSubscription(subscription);
  return owedBack === null ? state : sentBack({ purchaseId: owedBack });
}

/** That the money has gone back is news of the payment as any other. */
async function sentBack({ purchaseId }: PurchaseInput): Promise<PurchaseState | null> {
  const { outcome, refundRef } = await payBack({ purchaseId });
  if (outcome === 'refused') return 'paid';
  const news = { provider: 'checkout', news: 'reversed', purchaseId } as const;
  const eventId = `${purchaseId}/paid-back`;
  // By its name, so that it stands for itself: should it fail after all, the next one is another.
  const event = refundRef === undefined ? { eventId } : { eventId: `${eventId}/${refundRef}`, refundRef };
  return (await applyPayment({ ...news, ...event })).state;
}

async function tellSubscription(heard: HeardSubscriptionPayment): Promise<void> {
  const { paymentId, subject, owesBack } = heard;
  if (owesBack) await returnSubscriptionPayment({ paymentId });
  const news = newsFor(heard);
  if (news === null) return;
  try {
    await getExternalWorkflowHandle(subscriptionWorkflowId(subject)).signal(paymentSignal, news);
  } catch {
    // It is over, and has dropped whatever it had asked for; or it was lost, and asks once more when it is begun anew.
    if (patched(SEEK_LOST_SUBSCRIPTION)) await seekSubscription({ subject });
  }
}

function newsFor({ key, paid, returned = false }: HeardSubscriptionPayment): PaymentHeard | null {
  if (returned) return { key, paid: false, returned };
  return paid === null ? null : { key, paid };
}
