// Activities room. What a compensation posted by mistake, taken back from the lots it went to: never more than was
// posted, nor than is still there.
import type { CorrectionDone, CorrectionInput } from '@fairmeter/contracts';
import type { CorrectionOrder, CorrectionResult } from '@fairmeter/domain';
import {
  add,
  decidedRefundKey,
  formatCredits,
  instant,
  invariant,
  parseMicroCredits,
  planCorrection,
} from '@fairmeter/domain';
import type { LotLedger } from '@fairmeter/ledger';
import type { JobView } from '@fairmeter/ledger/reads';
import { findJob, readRefunds } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import {
  closeCorrection,
  findCorrection,
  lockCompensationJob,
  openCorrection,
  readCorrectionsOf,
  writeAudit,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';

export type Correction = CorrectionInput & { readonly asOf: number };

/**
 * What it may take, written down once; false where there is nothing that could be taken back. On disk before it is
 * posted: a crash in between posts the same again, and whoever comes meanwhile takes no more than what that leaves.
 */
export async function fixCorrection(tx: EntityManager, correction: CorrectionInput): Promise<boolean> {
  const { correctionId: id, compensationId, jobId, mostMicroCredits, by, bodyHash } = correction;
  const job = await lockCompensationJob(tx, compensationId, jobId);
  if (job === null || job.posted === null || job.posted === 0n) return false;
  if ((await findCorrection(tx, id)) !== null) return true;
  const key = decidedRefundKey({ lane: 'support', caseRef: compensationId, round: 1 });
  const refunds = await readRefunds(tx, await ownerOf(tx, jobId));
  const parts = refunds.filter(({ refundKey }) => refundKey === key).flatMap((refund) => refund.parts);
  const earlier = (await readCorrectionsOf(tx, compensationId, jobId)).map(({ order }) => order);
  const order = planCorrection(
    { parts, earlier },
    mostMicroCredits === null ? null : parseMicroCredits(mostMicroCredits),
  );
  await openCorrection(tx, { id, compensationId, jobId, madeBy: by.id, bodyHash, order });
  return true;
}

/** Posts what was fixed. */
export async function postFixedCorrection(
  tx: EntityManager,
  lots: LotLedger,
  correction: Correction,
): Promise<CorrectionDone> {
  const { correctionId: id, compensationId, jobId, by } = correction;
  const job = await lockCompensationJob(tx, compensationId, jobId);
  const fixed = await findCorrection(tx, id);
  invariant(job !== null && fixed !== null, 'operation.applied-once', `there is no correction ${id}`);
  if (!fixed.isOpen) return { outcome: 'taken_back' };
  const { accountId, scopeId } = await ownerOf(tx, jobId);
  const corrected = await unlessBusy(
    lots.correct({ accountId, scopeId }, instant(correction.asOf), { correctionKey: id, ...fixed.order }),
  );
  invariant(
    corrected.ok,
    'operation.applied-once',
    corrected.ok ? '' : `correcting answered ${corrected.refusal.code}`,
  );
  const taken = takenOf(corrected.value.result);
  await closeCorrection(tx, id, taken);
  await writeAudit(tx, {
    accountId: job.accountId,
    actor: by,
    action: 'job.compensation_taken_back',
    targetId: jobId,
    before: { taken_back: formatCredits(job.takenBack), compensation_id: compensationId },
    after: { taken_back: formatCredits(add(job.takenBack, taken.most)) },
    reason: { ref: correction.reasonRef },
    requestId: correction.requestId,
  });
  return { outcome: 'taken_back' };
}

function takenOf({ takenBack, lots }: CorrectionResult): CorrectionOrder {
  return {
    most: parseMicroCredits(takenBack),
    lots: lots.map(({ lotId, amount }) => ({ lotId, most: parseMicroCredits(amount) })),
  };
}

async function ownerOf(tx: EntityManager, jobId: string): Promise<JobView> {
  const job = await findJob(tx, jobId);
  invariant(job !== null, 'refund.at-most-charged', `there is no job ${jobId}`);
  return job;
}
