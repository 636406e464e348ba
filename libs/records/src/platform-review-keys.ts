// Records room. Jobs whose loops a person has to look at: the ledger has noted them, and no case was opened for them.
import type { Instant } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** A job opens one case, however many of its loops say so. */
export function platformReviewKey(jobId: string): string {
  return `platform/${jobId}`;
}

const SOME = 100;

export interface ToReviewQuery {
  /** Of `null`, in whatever scope. */
  readonly scopeIds: readonly string[] | null;
  /** Of loops found since then; left out, of all that ever were, most of which were decided long ago. */
  readonly since?: Instant;
}

/** Some at a time. What tests use costs nobody anything. */
export async function readJobsToReview(
  tx: EntityManager,
  { scopeIds, since }: ToReviewQuery,
): Promise<readonly { readonly jobId: string; readonly scopeId: string }[]> {
  const lately = since === undefined ? '' : 'AND f.found_at >= $2';
  const rows = await tx.query<{ id: string; scope_id: string }[]>(
    `SELECT DISTINCT j.id, j.scope_id FROM ledger.loop_findings f JOIN ledger.jobs j ON j.id = f.job_id
     WHERE f.action = 'review' ${lately} AND j.scope_id NOT LIKE 'test/%'
       AND ($1::text[] IS NULL OR j.scope_id = ANY ($1))
       AND NOT EXISTS (SELECT FROM records.review_cases c WHERE c.key_hash = 'platform/' || j.id) LIMIT ${SOME}`,
    [scopeIds, ...(since === undefined ? [] : [new Date(since)])],
  );
  return rows.map(({ id: jobId, scope_id: scopeId }) => ({ jobId, scopeId }));
}
