// Workflows room. An endpoint at which something did not arrive: tried again with growing pauses, in order, until
// everything that waits there has arrived; after three days without one that did, it is disabled.
import type { WebhookDeliveryInput, WebhookEnd } from '@fairmeter/contracts';
import { tryWebhookSignal, webhookFailedSignal } from '@fairmeter/contracts';
import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { WEBHOOK_PATIENCE_MS, WEBHOOK_PAUSES_MS } from '../policies.js';
import { deliverWebhooks, disableWebhook } from '../proxies.js';

export async function webhookDelivery(input: WebhookDeliveryInput): Promise<WebhookEnd> {
  const { endpointId } = input;
  let failures = input.failures ?? 0;
  let sinceMs = input.sinceMs ?? Date.now();
  let mustTry = false;
  let isNeeded = false;
  setHandler(tryWebhookSignal, () => {
    mustTry = true;
  });
  setHandler(webhookFailedSignal, () => {
    isNeeded = true;
  });
  for (;;) {
    await condition(() => mustTry, pauseAfter(failures));
    [mustTry, isNeeded] = [false, false];
    const { outcome, delivered } = await deliverWebhooks({ endpointId });
    if (delivered > 0) [failures, sinceMs] = [0, Date.now()];
    if (outcome === 'failed') failures += 1;
    if (outcome === 'not_wanted') return outcome;
    if (outcome === 'gone' || (outcome === 'failed' && Date.now() - sinceMs >= WEBHOOK_PATIENCE_MS)) {
      await disableWebhook({ endpointId, reason: outcome === 'gone' ? 'gone' : 'failing' });
      return 'disabled';
    }
    if (outcome === 'more') mustTry = true;
    // Whoever said something meanwhile has left it to this run.
    if (outcome === 'caught_up' && !mustTry && !isNeeded) return outcome;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof webhookDelivery>({ endpointId, failures, sinceMs });
    }
  }
}

function pauseAfter(failures: number): number {
  return WEBHOOK_PAUSES_MS[Math.min(failures, WEBHOOK_PAUSES_MS.length - 1)] ?? 0;
}
