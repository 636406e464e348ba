// Records room. Compensations and grants that staff asked for and whose run may be lost: it was never begun, or broke
// off.
import type { EntityManager } from 'typeorm';

/** With all that it takes to begin it. */
export interface LostRequest {
  readonly id: string;
  readonly askedById: string;
}

/** The first that is due to be looked at, for one process alone; the next look is ten minutes later. */
const takeFrom = (table: string, isOpen: string): string => `
UPDATE records.${table} r SET look_at = clock_timestamp() + interval '10 minutes'
WHERE r.id IN (SELECT id FROM records.${table} WHERE ${isOpen} AND look_at <= clock_timestamp()
  ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING r.id, r.asked_by AS "askedById"`;

const COMPENSATION = takeFrom('compensations', 'ended_at IS NULL AND reason_ref IS NOT NULL');
const GRANT = takeFrom('grants', `state IN ('requested', 'approved', 'posted')`);

export async function takeLostCompensation(tx: EntityManager): Promise<LostRequest | null> {
  return take(tx, COMPENSATION);
}

export async function takeLostGrant(tx: EntityManager): Promise<LostRequest | null> {
  return take(tx, GRANT);
}

/** For what could not be begun: what stands behind it comes first. Unless another process took it meanwhile. */
export async function putOffLook(
  tx: EntityManager,
  table: 'compensations' | 'custom_plan_words' | 'grants' | 'review_cases',
  id: string,
): Promise<void> {
  await tx.query(
    `UPDATE records.${table} SET look_at = clock_timestamp() + interval '10 seconds'
     WHERE id = $1 AND look_at <= clock_timestamp()`,
    [id],
  );
}

async function take(tx: EntityManager, statement: string): Promise<LostRequest | null> {
  const [rows] = await tx.query<[LostRequest[], number]>(statement);
  return rows[0] ?? null;
}
