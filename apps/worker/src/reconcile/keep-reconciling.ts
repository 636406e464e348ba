// Worker. Sees to it that somebody compares: begun where it does not run, also where it was ended by hand.
import { RECONCILE_WORKFLOW, RECONCILE_WORKFLOW_ID } from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { beginRun } from '../begin-run.js';

export async function keepReconciling(temporal: Pick<TemporalClient, 'client'>): Promise<void> {
  await beginRun(temporal, { workflow: RECONCILE_WORKFLOW, workflowId: RECONCILE_WORKFLOW_ID, input: {} });
}
