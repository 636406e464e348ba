// Worker. Hands an endpoint at which something did not arrive to the workflow that goes on trying.
import type { ActivitiesInUse } from '@fairmeter/activities';
import {
  JOBS_QUEUE,
  WEBHOOK_DELIVERY_WORKFLOW,
  webhookDeliveryWorkflowId,
  webhookFailedSignal,
} from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { WITHIN_MS } from '../begin-run.js';

/** Said with a signal, so that a run that is about to end goes on. */
export async function startDelivery({ client }: Pick<TemporalClient, 'client'>, endpointId: string): Promise<void> {
  await client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflow.signalWithStart(WEBHOOK_DELIVERY_WORKFLOW, {
      workflowId: webhookDeliveryWorkflowId(endpointId),
      taskQueue: JOBS_QUEUE,
      args: [{ endpointId }],
      signal: webhookFailedSignal,
      signalArgs: [],
    }),
  );
}

/** A run that was ended by hand leaves nobody who tries: it is begun anew; one that is there hears it is needed. */
export async function tryFailingWebhooks(
  webhooks: Pick<ActivitiesInUse['webhooks'], 'failing'>,
  temporal: Pick<TemporalClient, 'client'>,
): Promise<void> {
  for (const endpointId of await webhooks.failing()) await startDelivery(temporal, endpointId);
}
