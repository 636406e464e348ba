// Ledger room, read side. What an account still has under way.
import type { EntityManager } from 'typeorm';

/** Ids, the oldest first. */
export async function readOpenJobsOfAccount(tx: EntityManager, accountId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    'SELECT id FROM ledger.jobs WHERE account_id = $1 AND ended_at IS NULL ORDER BY id',
    [accountId],
  );
  return rows.map(({ id }) => id);
}
