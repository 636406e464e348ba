// Workflows room. A visitor is deleted: first nobody is let in any more, then what runs is cancelled and settled, then
// units end and words go. Whoever asked hears of it; a second look follows, for a request that was on its way.
import type { ErasureAnswer, ErasureInput } from '@fairmeter/contracts';
import { erasedUpdate } from '@fairmeter/contracts';
import { condition, getExternalWorkflowHandle, setHandler, sleep } from '@temporalio/workflow';
import { ADMIT_PATIENCE_MS, ERASURE_LOOKS_MS } from '../policies.js';
import { endUnitsOfVisitor, eraseWordsOfVisitor, markVisitorDeleted, openWorkOfVisitor } from '../proxies.js';

const PASSES = [1, 2] as const;
const ERASED: ErasureAnswer = { state: 'erased' };

export async function visitorErasure(input: ErasureInput): Promise<ErasureAnswer> {
  let erased = false;
  setHandler(erasedUpdate, async () => {
    await condition(() => erased);
    return ERASED;
  });
  await markVisitorDeleted(input);
  for (const pass of PASSES) {
    // A request that came just before may be admitted until then, and no later.
    if (pass > 1) await sleep(ADMIT_PATIENCE_MS);
    await cancelWork(input);
    await endUnitsOfVisitor({ ...input, pass, asOf: Date.now() });
    while (await eraseWordsOfVisitor(input));
    erased = true;
  }
  return ERASED;
}

/** A job whose workflow is gone ends by other means: the words of a person are not kept for its sake. */
async function cancelWork(input: ErasureInput): Promise<void> {
  for (const lookAgainMs of ERASURE_LOOKS_MS) {
    const { workflowIds } = await openWorkOfVisitor(input);
    if (workflowIds.length === 0) return;
    await Promise.all(workflowIds.map(async (id) => cancelJob(id)));
    await sleep(lookAgainMs);
  }
}

async function cancelJob(workflowId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).cancel();
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}
