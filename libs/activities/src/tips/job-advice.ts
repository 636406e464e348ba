// Activities room. What the jobs of a thread or a case call for, measured as their cost views measure it: for whoever
// closes a review with guidance.
import type { JobMeasures, Tip } from '@fairmeter/domain';
import { adviceOf, measureJob } from '@fairmeter/domain';
import { countAskedBefore, readMeasuredJob, readResultPlace } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { countFiles, readRateCard, readSaidCauses } from '@fairmeter/records';

/** Each is read whole: beyond so many the latest say enough. */
const MOST_JOBS = 50;

/** The latest first; what is not there any more is left out. */
export async function readAdvice(tx: EntityManager, jobIds: readonly string[]): Promise<readonly Tip[]> {
  const measured: JobMeasures[] = [];
  for (const jobId of jobIds.slice(0, MOST_JOBS)) {
    const job = await measuredJob(tx, jobId);
    if (job !== null) measured.push(job);
  }
  return adviceOf(measured);
}

async function measuredJob(tx: EntityManager, jobId: string): Promise<JobMeasures | null> {
  const measured = await readMeasuredJob(tx, jobId);
  if (measured === null) return null;
  const card = await readRateCard(tx, measured.job.rateCardId);
  const askedBefore = await countAskedBefore(tx, measured.job);
  const { tree } = await readResultPlace(tx, jobId);
  const outputFiles = tree === null ? 0 : await countFiles(tx, { jobId, hash: tree });
  const saidCauses = await readSaidCauses(tx, jobId);
  return measureJob(measured, { card, outputFiles, askedBefore, saidCauses });
}
