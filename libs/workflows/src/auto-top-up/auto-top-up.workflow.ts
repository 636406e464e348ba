// Workflows room. A bundle that is bought by itself: ordered where it is due, paid by what the account has left with
// its provider, and booked as every purchase is. Whoever says meanwhile that credits fell is heard before it ends.
import type { AutoTopUpInput, KeptPayment, PurchaseInput } from '@fairmeter/contracts';
import { creditsFellSignal } from '@fairmeter/contracts';
import { ActivityFailure, condition, setHandler } from '@temporalio/workflow';
import { KEPT_PAYMENT_LOOKS_MS } from '../policies.js';
import { beginTopUp, endTopUp, payByKeptMeans } from '../proxies.js';
import { standing } from '../purchase/purchase.workflow.js';

/** How many bundles it bought. */
export async function autoTopUp({ accountId }: AutoTopUpInput): Promise<number> {
  let mustLook = true;
  let bought = 0;
  setHandler(creditsFellSignal, () => {
    mustLook = true;
  });
  while (mustLook) {
    mustLook = false;
    const { purchaseId } = await beginTopUp({ accountId });
    if (purchaseId === null) continue;
    let payment = await paid({ purchaseId });
    for (const pauseMs of KEPT_PAYMENT_LOOKS_MS) {
      if (payment.outcome !== 'open') break;
      // Whoever says that credits fell, as its owner does by setting it anew, has it looked at at once.
      await condition(() => mustLook, pauseMs);
      mustLook = false;
      payment = await paid({ purchaseId });
    }
    const { outcome } = payment;
    // It stays the order under way, so that no other is made; whoever sets it anew has it looked at again.
    if (outcome === 'open') return bought;
    if (outcome === 'paid') {
      await standing({ purchaseId }, { ...payment, state: 'paid' });
      bought += 1;
      // Whoever noticed meanwhile left it to this run, and one bundle may be too little.
      mustLook = true;
    }
    await endTopUp({ accountId, purchaseId, outcome });
  }
  return bought;
}

/** No answer in all that time is none: the money may have moved. */
async function paid(input: PurchaseInput): Promise<KeptPayment> {
  try {
    return await payByKeptMeans(input);
  } catch (error) {
    if (error instanceof ActivityFailure) return { outcome: 'open' };
    throw error;
  }
}
