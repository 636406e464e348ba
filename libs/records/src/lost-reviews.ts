// Records room. Cases of reviews whose run may be lost: it was never begun, did not wake when it was to, or broke off.
import type { Instant } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** When somebody has to look whether it runs; null: nothing has to happen by itself. */
export async function lookAtReview(tx: EntityManager, id: string, at: Instant | null): Promise<void> {
  await tx.query('UPDATE records.review_cases SET look_at = $2 WHERE id = $1', [id, at === null ? null : new Date(at)]);
}

/** The first that is due to be looked at, for one process alone; the next look is ten minutes later. */
const TAKE = `
UPDATE records.review_cases c SET look_at = clock_timestamp() + interval '10 minutes'
WHERE c.id IN (SELECT id FROM records.review_cases WHERE look_at <= clock_timestamp()
  ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING c.id`;

export async function takeLostReview(tx: EntityManager): Promise<string | null> {
  const [rows] = await tx.query<[{ id: string }[], number]>(TAKE);
  return rows[0]?.id ?? null;
}
