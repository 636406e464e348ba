// Activities room. The files of a job are freed when its ZIP would be: when it has been over for its time, which the
// ledger knows.
import type { Instant } from '@fairmeter/domain';
import { findJob } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { artefactExpiry, freeFiles, jobsWithFilesBefore, keptSince } from '@fairmeter/records';

const JOBS_AT_ONCE = 100;

/** Says of how many jobs: none when nothing is left to free. */
export async function sweepFiles(manager: EntityManager, now: Instant): Promise<number> {
  const since = keptSince(now);
  const over: string[] = [];
  for (const id of await jobsWithFilesBefore(manager, since, JOBS_AT_ONCE)) {
    const endedAt = (await findJob(manager, id))?.endedAt ?? null;
    if (endedAt !== null && artefactExpiry(endedAt) <= now) over.push(id);
  }
  if (over.length > 0) await freeFiles(manager, over, since);
  return over.length;
}
