// Worker. Begins a run that nobody has begun, or that was lost. One that is there is left alone.
import { queueOf } from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';

/** So long Temporal may take to answer that a run was begun, or told. */
export const WITHIN_MS = 5_000;

export interface RunToBegin {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: object;
}

/** For who has something to ask of it. */
export type BegunRun = ReturnType<TemporalClient['client']['workflow']['getHandle']>;

export async function beginRun(
  { client }: Pick<TemporalClient, 'client'>,
  { workflow, workflowId, input }: RunToBegin,
): Promise<BegunRun> {
  return client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflow.start(workflow, {
      workflowId,
      taskQueue: queueOf(workflow),
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    }),
  );
}
