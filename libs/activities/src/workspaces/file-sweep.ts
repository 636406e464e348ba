// Activities room. The files of a job are freed when its ZIP would be: when it has been over for its time, which the
// ledger knows. Files of a job that it does not know are nobody's.
import type { Instant } from '@fairmeter/domain';
import { findJobEnds } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { JobWithFiles } from '@fairmeter/records';
import { artefactExpiry, freeFiles, jobsWithFiles, keptSince } from '@fairmeter/records';

const JOBS_AT_ONCE = 100;

/** Says of how many jobs: none when nothing is left to free. Jobs that are not over yet are passed over. */
export async function sweepFiles(manager: EntityManager, now: Instant, most = JOBS_AT_ONCE): Promise<number> {
  const before = keptSince(now);
  let after: JobWithFiles | null = null;
  for (;;) {
    const page: readonly JobWithFiles[] = await jobsWithFiles(manager, { before, after, most });
    const over = await overForLong(manager, page, now);
    if (over.length > 0) await freeFiles(manager, over, before);
    if (over.length > 0 || page.length < most) return over.length;
    after = page.at(-1) ?? null;
  }
}

async function overForLong(manager: EntityManager, page: readonly JobWithFiles[], now: Instant): Promise<string[]> {
  const ids = page.map(({ jobId }) => jobId);
  const ends = await findJobEnds(manager, ids);
  return ids.filter((id) => {
    const endedAt = ends.get(id);
    return endedAt === undefined || (endedAt !== null && artefactExpiry(endedAt) <= now);
  });
}
