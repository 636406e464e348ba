// Worker. Begins the run of a usage review that nobody has begun: the platform opened it, or its run was lost.
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { beginRun } from './begin-run.js';

export async function beginReview(temporal: Pick<TemporalClient, 'client'>, caseId: string): Promise<void> {
  const workflowId = usageReviewWorkflowId(caseId);
  await beginRun(temporal, { workflow: USAGE_REVIEW_WORKFLOW, workflowId, input: { caseId } });
}
