// Records room. Compensations, previews of them and grants that staff asked for and whose run may be lost: it was never
// begun, or broke off.
import type { EntityManager } from 'typeorm';

/** With all that it takes to begin it. */
export interface LostRequest {
  readonly id: string;
  readonly askedById: string;
}

export interface LostCompensation extends LostRequest {
  /** Nobody has asked for its credits: it is looked at, and nothing moves. */
  readonly previewOnly: boolean;
}

/** The first that is due to be looked at, for one process alone; the next look is ten minutes later. */
const takeFrom = (table: string, isOpen: string, told = ''): string => `
UPDATE records.${table} r SET look_at = clock_timestamp() + interval '10 minutes'
WHERE r.id IN (SELECT id FROM records.${table} WHERE ${isOpen} AND look_at <= clock_timestamp()
  ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING r.id, r.asked_by AS "askedById"${told}`;

/** A preview is good for a day: what is older is of no use to anybody. */
const USEFUL_PREVIEW = `state = 'previewing' AND created_at > clock_timestamp() - interval '1 day'`;
const COMPENSATION = takeFrom(
  'compensations',
  `ended_at IS NULL AND (reason_ref IS NOT NULL OR ${USEFUL_PREVIEW})`,
  ', r.reason_ref IS NULL AS "previewOnly"',
);
const GRANT = takeFrom('grants', `state IN ('requested', 'approved', 'posted')`);

/** Of no use to anybody any more: no sweep comes upon it again. */
const LEAVE_OLD_PREVIEWS = `
UPDATE records.compensations SET look_at = 'infinity' WHERE id IN (SELECT id FROM records.compensations
  WHERE ended_at IS NULL AND reason_ref IS NULL AND state = 'previewing' AND NOT (${USEFUL_PREVIEW})
    AND look_at <= clock_timestamp() FOR UPDATE SKIP LOCKED)`;

export async function takeLostCompensation(tx: EntityManager): Promise<LostCompensation | null> {
  await tx.query(LEAVE_OLD_PREVIEWS);
  return take<LostCompensation>(tx, COMPENSATION);
}

export async function takeLostGrant(tx: EntityManager): Promise<LostRequest | null> {
  return take<LostRequest>(tx, GRANT);
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

async function take<Lost>(tx: EntityManager, statement: string): Promise<Lost | null> {
  const [rows] = await tx.query<[Lost[], number]>(statement);
  return rows[0] ?? null;
}
