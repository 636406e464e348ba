// Activities room. What a decision gives back: steps of jobs of the thread, each once and by its number. What is kept
// is what the ledger is asked for however often it is asked, so nothing of it is found out later.
import type { MicroCredits } from '@fairmeter/domain';
import { add, planStepRefund, ZERO } from '@fairmeter/domain';
import type { RefundableView } from '@fairmeter/ledger/reads';
import { readRefundable, readReviewedJobs } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { PickedOfCase, ReviewCase } from '@fairmeter/records';

export interface Restores {
  readonly picked: readonly PickedOfCase[];
  readonly amount: MicroCredits;
}

/** Whole jobs where no steps are named; what came back before is not among it. */
export async function restoresOf(
  tx: EntityManager,
  { thread, accountId }: Pick<ReviewCase, 'thread' | 'accountId'>,
  picked: readonly PickedOfCase[],
): Promise<Restores> {
  if (thread === null) return { picked: [], amount: ZERO };
  const ofThread = (await readReviewedJobs(tx, { ...thread, accountId })).map(({ id }) => id);
  const all = (): readonly PickedOfCase[] => ofThread.map((jobId) => ({ jobId, steps: 'all' }));
  const meant = picked.length > 0 ? picked : all();
  const named = new Set(meant.map(({ jobId }) => jobId));
  const jobs = ofThread.filter((jobId) => named.has(jobId));
  const refundable = await readRefundable(tx, jobs);
  const restores = jobs.flatMap((jobId) => {
    const facts = refundable.get(jobId);
    const steps = facts === undefined ? [] : stepsAmong(facts, meant, jobId);
    if (facts === undefined || steps.length === 0) return [];
    return [{ jobId, steps, amount: planStepRefund(facts, steps)?.refund.amount ?? ZERO }];
  });
  return {
    picked: restores.map(({ jobId, steps }) => ({ jobId, steps })),
    amount: add(ZERO, ...restores.map(({ amount }) => amount)),
  };
}

/** What is still at work has cost nothing yet that a decision could be about. */
function stepsAmong({ steps }: RefundableView, meant: readonly PickedOfCase[], jobId: string): readonly number[] {
  const named = meant.filter((one) => one.jobId === jobId).map((one) => one.steps);
  return steps
    .filter(({ state }) => state !== 'running')
    .map(({ ordinal }) => ordinal)
    .filter((ordinal) => named.some((some) => some === 'all' || some.includes(ordinal)));
}
