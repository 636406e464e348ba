// Worker. What was seen of a payment, handed to the workflow that its provider's own news would have started: once.
import type { PaymentEvent } from '@fairmeter/contracts';
import { JOBS_QUEUE, PAYMENT_EVENT_WORKFLOW, paymentEventWorkflowId } from '@fairmeter/contracts';
import { wasWorkflowStarted, type TemporalClient } from '@fairmeter/platform/temporal';
import { WITHIN_MS } from './begin-run.js';

export async function tellPayment({ client }: Pick<TemporalClient, 'client'>, event: PaymentEvent): Promise<void> {
  try {
    await client.withDeadline(Date.now() + WITHIN_MS, async () =>
      client.workflow.start(PAYMENT_EVENT_WORKFLOW, {
        workflowId: paymentEventWorkflowId(event),
        taskQueue: JOBS_QUEUE,
        args: [event],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      }),
    );
  } catch (error) {
    // Told before: it is in safe hands.
    if (!wasWorkflowStarted(error)) throw error;
  }
}
