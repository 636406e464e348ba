// Workflows room. A purchase until its payment is known: opens the checkout, and looks after it where no news comes.
import type { CheckoutLook, PaymentEvent, PurchaseInput } from '@fairmeter/contracts';
import { checkoutUpdate } from '@fairmeter/contracts';
import type { PurchaseState } from '@fairmeter/domain';
import { allHandlersFinished, condition, setHandler, sleep } from '@temporalio/workflow';
import { CHECKOUT_LOOKS_MS } from '../policies.js';
import { applyPayment, lookAtCheckout, openCheckout } from '../proxies.js';

export async function purchase(input: PurchaseInput): Promise<PurchaseState> {
  let told: PurchaseState | undefined;
  setHandler(checkoutUpdate, async () => {
    await condition(() => told !== undefined);
    return { state: told ?? 'pending' };
  });
  let look = await openCheckout(input);
  told = await standing(input, look);
  for (const pauseMs of CHECKOUT_LOOKS_MS) {
    if (look.state !== 'open') break;
    await sleep(pauseMs);
    look = await lookAtCheckout(input);
    told = await standing(input, look);
  }
  await condition(allHandlersFinished);
  return told;
}

/** One event of a provider, told by its webhook; whatever was heard of the payment before, the same is done once. */
export async function paymentEvent(event: PaymentEvent): Promise<PurchaseState | null> {
  return (await applyPayment(event)).state;
}

async function standing({ purchaseId }: PurchaseInput, { state, paymentRef }: CheckoutLook): Promise<PurchaseState> {
  if (state !== 'paid') return 'pending';
  const ref = paymentRef === undefined ? {} : { paymentRef };
  const applied = await applyPayment({
    provider: 'checkout',
    eventId: `${purchaseId}/paid`,
    news: 'paid',
    purchaseId,
    ...ref,
  });
  return applied.state ?? 'pending';
}
