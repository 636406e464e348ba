// Ledger room, read side. Which open jobs were started with one key. Jobs of before it was kept are told by their
// holds, which name the key among their limits.
import type { EntityManager } from 'typeorm';

/** Ids, the oldest first. */
export async function readOpenJobsOfKey(tx: EntityManager, accountId: string, keyId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    `SELECT j.id FROM ledger.jobs j
     WHERE j.account_id = $1 AND j.ended_at IS NULL AND (j.requester_id = $2 OR j.requester_id IS NULL AND EXISTS (
       SELECT FROM ledger.holds h WHERE h.job_id = j.id AND h.limit_refs @> $3::jsonb)) ORDER BY j.id`,
    [accountId, keyId, JSON.stringify([{ kind: 'key', subject: keyId }])],
  );
  return rows.map(({ id }) => id);
}
