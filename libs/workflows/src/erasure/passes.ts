// Workflows room. How somebody is forgotten: what runs is cancelled and settled, then what is left to them ends and
// their words go. A second look follows, for a request that was on its way.
import type { OpenWork } from '@fairmeter/contracts';
import { getExternalWorkflowHandle, sleep } from '@temporalio/workflow';
import { ADMIT_PATIENCE_MS, ERASURE_LOOKS_MS } from '../policies.js';

export interface Forgetting {
  readonly openWork: () => Promise<OpenWork>;
  /** `pass` makes each of several endings one. */
  readonly endUnits?: (pass: number) => Promise<void>;
  /** Some at a time; false once nothing is left. */
  readonly eraseWords: () => Promise<boolean>;
}

const PASSES = [1, 2] as const;

/** `erased` is called once nothing is left; what comes after that is the second look. */
export async function forget({ openWork, endUnits, eraseWords }: Forgetting, erased: () => void): Promise<void> {
  for (const pass of PASSES) {
    // A request that came just before may be admitted until then, and no later.
    if (pass > 1) await sleep(ADMIT_PATIENCE_MS);
    await cancelWork(openWork);
    await endUnits?.(pass);
    while (await eraseWords());
    erased();
  }
}

/** A job whose workflow is gone ends by other means: the words of a person are not kept for its sake. */
async function cancelWork(openWork: () => Promise<OpenWork>): Promise<void> {
  for (const lookAgainMs of ERASURE_LOOKS_MS) {
    const { workflowIds } = await openWork();
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
