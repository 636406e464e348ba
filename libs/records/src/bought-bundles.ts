// Records room. How often an account buys bundles.
import type { Instant } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { Purchase } from './purchases.js';

/** Bundles that were paid since `from`, as they stood with this purchase: later ones do not count. */
export async function countBundlesUpTo(
  tx: EntityManager,
  { id, accountId }: Pick<Purchase, 'id' | 'accountId'>,
  from: Instant,
): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM records.purchases
     WHERE account_id = $1 AND lot_kind = 'bundle' AND state = 'paid' AND created_at >= $2 AND id <= $3`,
    [accountId, new Date(from).toISOString(), id],
  );
  return row?.count ?? 0;
}
