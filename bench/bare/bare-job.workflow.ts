// Bench room, the bare side. The shape of a job with nothing inside: an update answered by a local activity, as many
// activities on the second queue as the job has steps, a local activity at the end.
import { STEPS_QUEUE } from '@fairmeter/contracts';
import {
  allHandlersFinished,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import { bareAdmit } from './bare-messages.js';

/** Named like the product's, since the same host registers them. */
interface BareActivities {
  admitJob(): Promise<unknown>;
  runStep(): Promise<unknown>;
  settleJob(): Promise<unknown>;
}

const { admitJob, settleJob } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: 5_000 });
const { runStep } = proxyActivities<BareActivities>({ startToCloseTimeout: 60_000, taskQueue: STEPS_QUEUE });

export async function bareJob(steps: number): Promise<void> {
  let admitted = false;
  setHandler(bareAdmit, async () => {
    await admitJob();
    admitted = true;
    return 'admitted';
  });
  await condition(() => admitted);
  for (let step = 1; step <= steps; step += 1) await runStep();
  await settleJob();
  await condition(allHandlersFinished);
}
