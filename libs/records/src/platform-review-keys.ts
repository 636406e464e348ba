// Records room. Jobs whose loops a person has to look at: the ledger has noted them, and no case was opened for them.
import type { EntityManager } from 'typeorm';

/** A job opens one case, however many of its loops say so. */
export function platformReviewKey(jobId: string): string {
  return `platform/${jobId}`;
}

const SOME = 100;

/** Some at a time; of `null`, in whatever scope. What tests use costs nobody anything. */
export async function readJobsToReview(
  tx: EntityManager,
  scopeIds: readonly string[] | null,
): Promise<readonly { readonly jobId: string; readonly scopeId: string }[]> {
  const rows = await tx.query<{ id: string; scope_id: string }[]>(
    `SELECT DISTINCT j.id, j.scope_id FROM ledger.loop_findings f JOIN ledger.jobs j ON j.id = f.job_id
     WHERE f.action = 'review' AND j.scope_id NOT LIKE 'test/%' AND ($1::text[] IS NULL OR j.scope_id = ANY ($1))
       AND NOT EXISTS (SELECT FROM records.review_cases c WHERE c.key_hash = 'platform/' || j.id) LIMIT ${SOME}`,
    [scopeIds],
  );
  return rows.map(({ id: jobId, scope_id: scopeId }) => ({ jobId, scopeId }));
}
