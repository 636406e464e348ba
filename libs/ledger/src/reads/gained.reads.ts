// Ledger room, read side. What came to a scope after a point of it: whether there has been anything since.
import type { MicroCredits } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

// Of each posting what it left in lots: what went on to an earlier debt, or was over before it came, nobody ever had.
const GAINED = `
SELECT coalesce(sum(gain), 0)::text AS gained FROM (
  SELECT sum(CASE WHEN to_account LIKE 'lot:%' THEN amount ELSE 0 END
    - CASE WHEN from_account LIKE 'lot:%' THEN amount ELSE 0 END) AS gain
  FROM ledger.entries WHERE scope_id = $1 AND scope_seq > $2 GROUP BY operation_key) posted
WHERE gain > 0`;

/** `after`: the number of the entry from which on it counts. */
export async function readGained(tx: EntityManager, scopeId: string, after: bigint): Promise<MicroCredits> {
  const [row] = await tx.query<{ gained: string }[]>(GAINED, [scopeId, after.toString()]);
  return parseMicroCredits(row?.gained ?? '0');
}
