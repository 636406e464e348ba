// Ledger room, read side. The time zone a scope's days are of, as its terms say.
import type { EntityManager } from 'typeorm';
import type { ScopePoint } from './scope-point.js';

const ZONE = `SELECT zone FROM ledger.terms WHERE scope_id = $1 AND effective_at <= $2
ORDER BY effective_at DESC, number DESC LIMIT 1`;

/** Null where the scope has no terms by then. */
export async function readZone(tx: EntityManager, { scopeId, at }: ScopePoint): Promise<string | null> {
  const rows = await tx.query<{ zone: string }[]>(ZONE, [scopeId, new Date(at).toISOString()]);
  return rows[0]?.zone ?? null;
}
