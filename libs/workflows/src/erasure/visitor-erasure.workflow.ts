// Workflows room. A visitor is deleted: first nobody is let in any more and no order is to be paid, then what runs and
// what renews ends, units end and words go. Whoever asked hears of it.
import type { ErasureAnswer, ErasureInput } from '@fairmeter/contracts';
import {
  closeSignal,
  erasedUpdate,
  orderEndedSignal,
  purchaseWorkflowId,
  subscriptionWorkflowId,
} from '@fairmeter/contracts';
import { condition, getExternalWorkflowHandle, patched, setHandler } from '@temporalio/workflow';
import { END_PLAN_WITH_VISITOR } from '../patches.js';
import { endUnitsOfVisitor, eraseWordsOfVisitor, markVisitorDeleted, openWorkOfVisitor } from '../proxies.js';
import { forget } from './passes.js';

const ERASED: ErasureAnswer = { state: 'erased' };

export async function visitorErasure(input: ErasureInput): Promise<ErasureAnswer> {
  let isErased = false;
  setHandler(erasedUpdate, async () => {
    await condition(() => isErased);
    return ERASED;
  });
  const { purchaseIds } = await markVisitorDeleted(input);
  await Promise.all(purchaseIds.map(async (id) => endOrder(id)));
  const visitor = {
    openWork: async () => openWorkOfVisitor(input),
    endUnits: async (pass: number) => {
      // Before each ending: a plan that was being ordered when the visitor went stands by the second.
      if (patched(END_PLAN_WITH_VISITOR)) await endPlan(input);
      await endUnitsOfVisitor({ ...input, pass, asOf: Date.now() });
    },
    eraseWords: async () => eraseWordsOfVisitor(input),
  };
  await forget(visitor, () => {
    isErased = true;
  });
  return ERASED;
}

/** Nothing renews any more, and what was asked for is not to be paid. */
async function endPlan({ accountId, botId, visitorId }: ErasureInput): Promise<void> {
  const workflowId = subscriptionWorkflowId({ kind: 'end_user', accountId, botId, visitorId });
  try {
    await getExternalWorkflowHandle(workflowId).signal(closeSignal);
  } catch {
    // There is none, or it has ended.
  }
}

/** Its checkout is closed soon; what is paid all the same goes back, whether or not this is heard. */
async function endOrder(purchaseId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(purchaseWorkflowId(purchaseId)).signal(orderEndedSignal);
  } catch {
    // No checkout was opened, or it is over.
  }
}
