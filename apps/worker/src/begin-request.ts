// Worker. Begins what staff asked for and nobody has begun: Temporal was away, or the run was lost. What has been done
// of it is found done.
import type { LostCompensation, LostRequest } from '@fairmeter/activities';
import type { CompensationInput, GrantInput } from '@fairmeter/contracts';
import { COMPENSATION_WORKFLOW, compensationWorkflowId, GRANT_WORKFLOW, grantWorkflowId } from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { beginRun } from './begin-run.js';

type Temporal = Pick<TemporalClient, 'client'>;

export async function beginCompensation(temporal: Temporal, lost: LostCompensation): Promise<void> {
  const { id: compensationId, askedById, previewOnly } = lost;
  const input: CompensationInput = { compensationId, askedById, previewOnly };
  await beginRun(temporal, { workflow: COMPENSATION_WORKFLOW, workflowId: compensationWorkflowId(input), input });
}

export async function beginGrant(temporal: Temporal, { id, askedById }: LostRequest): Promise<void> {
  const input: GrantInput = { grantId: id, askedById };
  await beginRun(temporal, { workflow: GRANT_WORKFLOW, workflowId: grantWorkflowId(id), input });
}
