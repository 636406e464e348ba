// Worker. Sees to it that somebody compares: begun where it does not run, also where it was ended by hand.
import { JOBS_QUEUE, RECONCILE_WORKFLOW, RECONCILE_WORKFLOW_ID } from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';

const WITHIN_MS = 5_000;

export async function keepReconciling({ client }: Pick<TemporalClient, 'client'>): Promise<void> {
  await client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflow.start(RECONCILE_WORKFLOW, {
      workflowId: RECONCILE_WORKFLOW_ID,
      taskQueue: JOBS_QUEUE,
      args: [{}],
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  );
}
