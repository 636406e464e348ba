// Bench room, the bare side. The shape of a subscription with nothing inside: it sleeps until it is due, runs one local
// activity, and lives on.
import { condition, proxyLocalActivities, sleep } from '@temporalio/workflow';

/** Named like the product's, since the same host registers them; this one tells the bench. */
interface BareActivities {
  settleJob(): Promise<unknown>;
}

const { settleJob } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: 5_000 });

export async function bareEntity(dueAt: number): Promise<void> {
  await sleep(Math.max(1, dueAt - Date.now()));
  await settleJob();
  await condition(() => false);
}
