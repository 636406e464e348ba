// Temporal namespace: where our workflows live. Promises that after the call a workflow can be started in it, however
// often it is called.
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

/**
 * How long closed workflows stay readable. The ledger does not need them: admission reads its own job rows, which are
 * kept for good. Seven days leave time to look at what went wrong last week.
 */
export const defaultRetentionDays = 7;

const grpcAlreadyExists = 6;
/** The frontend reads new namespaces from its database only now and then. */
const visibleWithinMs = 30_000;

export async function ensureNamespace(
  connection: Connection,
  namespace: string,
  retentionDays: number = defaultRetentionDays,
): Promise<'created' | 'existed'> {
  const service = connection.workflowService;
  try {
    await service.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(`${retentionDays} days`),
    });
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === grpcAlreadyExists) return 'existed';
    throw error;
  }
  const deadline = performance.now() + visibleWithinMs;
  while (!(await isUsable(connection, namespace))) {
    if (performance.now() > deadline) throw new Error(`the namespace ${namespace} was created but cannot be used`);
    await sleep(100);
  }
  return 'created';
}

// Describing reads the database, so it says nothing about the cache that a start goes through; a count does.
async function isUsable(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace });
    return true;
  } catch {
    return false;
  }
}
