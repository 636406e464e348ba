// Activities room. What a job takes over from the thread it was sent to: made anew at its admission from what its
// thread has stored, so jobs that run side by side cannot overwrite what each of them counted.
import type { JobThread } from '@fairmeter/contracts';
import type { LoopPolicy, ObservedStep } from '@fairmeter/domain';
import { inThread, watchOfThread } from '@fairmeter/domain';
import type { SeenStepView, ThreadOfPayer } from '@fairmeter/ledger/reads';
import { readThread } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { readAskedHashes } from '@fairmeter/records';

export interface JobInThread extends ThreadOfPayer {
  readonly promptRef: string;
}

export async function threadOf(tx: EntityManager, job: JobInThread, policy: LoopPolicy): Promise<JobThread> {
  const { payer, promptRef } = job;
  const { steps, found } = await readThread(tx, job);
  if (steps.length === 0) return { payer, newWords: false };
  const words = await wordsIn(tx, [promptRef, ...steps.map((step) => step.promptRef)]);
  const observed = observedInThread(steps, words);
  return { payer, newWords: words.areNew({ promptRef }), watched: watchOfThread(policy, observed, found) };
}

async function wordsIn(tx: EntityManager, promptRefs: readonly string[]): Promise<Words> {
  return new Words(await readAskedHashes(tx, [...new Set(promptRefs)]));
}

function observedInThread(steps: readonly SeenStepView[], words: Words): readonly ObservedStep[] {
  return steps.map((step): ObservedStep => {
    const personSpoke = words.areNew(step) && step.iteration === 1;
    return { ...observedOf(step), ...inThread(step.payer, personSpoke) };
  });
}

/** As a whole thread is looked at afterwards: `steps` of one job after the other. */
export async function observeThread(
  tx: EntityManager,
  steps: readonly SeenStepView[],
): Promise<readonly ObservedStep[]> {
  return observedInThread(
    steps,
    await wordsIn(
      tx,
      steps.map((step) => step.promptRef),
    ),
  );
}

export function observedOf({ jobId, ordinal, iteration, seen, charge }: SeenStepView): ObservedStep {
  return { ...seen, jobId, ordinal, iteration, charge };
}

/** Prompts in the order of their jobs. Deleted words are taken for new: that can hide a loop, never make one. */
class Words {
  private readonly known = new Map<string, boolean>();
  private readonly heard = new Set<string>();

  constructor(private readonly asked: ReadonlyMap<string, string>) {}

  areNew({ promptRef }: { readonly promptRef: string }): boolean {
    const known = this.known.get(promptRef);
    if (known !== undefined) return known;
    const words = this.asked.get(promptRef) ?? promptRef;
    // The first words of a thread answer nothing.
    const areNew = this.heard.size > 0 && !this.heard.has(words);
    this.heard.add(words);
    this.known.set(promptRef, areNew);
    return areNew;
  }
}
