// Worker. Begins the run of a usage review that nobody has begun: the platform opened it, or its run was lost. One that
// is there is left alone.
import { JOBS_QUEUE, USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';

const WITHIN_MS = 5_000;

export async function beginReview({ client }: Pick<TemporalClient, 'client'>, caseId: string): Promise<void> {
  await client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflow.start(USAGE_REVIEW_WORKFLOW, {
      workflowId: usageReviewWorkflowId(caseId),
      taskQueue: JOBS_QUEUE,
      args: [{ caseId }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    }),
  );
}
