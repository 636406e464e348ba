// Workflows room. Reconciliation, for as long as there is a worker: page after page, a rest, and all of it again. What
// a page looks at, and which follows, its activity says: a check more or less changes no history.
import type { ReconcileAt, ReconcileInput, ReconcilePage, ReconcilePageInput } from '@fairmeter/contracts';
import { ActivityFailure, continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import { RECONCILE_HISTORY_EVENTS } from '../policies.js';
import { endReconcilePass, reconcilePage } from '../proxies.js';

export async function reconcile({ from }: ReconcileInput): Promise<void> {
  await pass(from ?? null);
  while (workflowInfo().historyLength < RECONCILE_HISTORY_EVENTS) await pass(null);
  await continueAsNew<typeof reconcile>({});
}

async function pass(from: ReconcileAt | null): Promise<void> {
  let { next } = await page({ at: from });
  while (next !== null) {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof reconcile>({ from: next });
    next = (await page({ at: next })).next;
  }
  const { restMs } = await endReconcilePass();
  await sleep(restMs);
}

/** A check that fails keeps nobody from the others: the next pass makes it again. */
async function page(input: ReconcilePageInput): Promise<ReconcilePage> {
  try {
    return await reconcilePage(input);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return reconcilePage({ ...input, skip: true });
  }
}
