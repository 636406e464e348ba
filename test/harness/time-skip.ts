// Test harness. Moves one running workflow ahead in time on the real server. Only its own clock moves: activities and
// Postgres do not see it, which is why workflows hand `asOf` to every activity.
import { randomUUID } from 'node:crypto';
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js';
import type { TestStack } from './test-stack.js';

export type Skip = { readonly by: number } | { readonly to: number };

/**
 * Resolves when the workflow's clock is there, by milliseconds or at an instant. Timers on the way fire in their order
 * and the work they start is waited for; a workflow that ends on the way is as far as it gets. With more than 200
 * stops on the way the server gives up.
 */
export async function skipWorkflow(stack: TestStack, workflowId: string, skip: Skip): Promise<void> {
  const { workflowService } = stack.temporal.client;
  const execution = { namespace: stack.namespace, workflowExecution: { workflowId } };
  const milliseconds = 'by' in skip ? skip.by : skip.to - (await workflowClock(stack, workflowId));
  const id = randomUUID();
  await workflowService.updateWorkflowExecutionOptions({
    ...execution,
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: msNumberToTs(milliseconds) } },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  for (;;) {
    const poll = await workflowService.pollWorkflowExecutionTimeSkipping({ ...execution, fastForwardId: id });
    if (poll.fastForwardInfo?.hasCompleted === true) return;
    if (poll.failedReason === '') continue;
    const { status } = await stack.temporal.client.workflow.getHandle(workflowId).describe();
    // It had less ahead of it than was asked for.
    if (status.name !== 'RUNNING') return;
    throw new Error(`the skip of ${workflowId} failed: ${poll.failedReason}`);
  }
}

/** What time it is for the workflow. */
export async function workflowClock(stack: TestStack, workflowId: string): Promise<number> {
  const description = await stack.temporal.client.workflowService.describeWorkflowExecution({
    namespace: stack.namespace,
    execution: { workflowId },
  });
  const skipped = description.workflowExtendedInfo?.timeSkippingInfo?.currentTime;
  return skipped ? tsToMs(skipped) : Date.now();
}
