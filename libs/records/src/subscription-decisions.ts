// Records room. The last decision on each subscription, under the number of its step, written before anything of it is
// done: whoever takes the step up again does the same, at whatever instant.
import type { SubscriptionSubject } from '@fairmeter/domain';
import { subjectId } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface SubscriptionDecision {
  readonly subject: SubscriptionSubject;
  readonly step: number;
  /** What it answers, by which it is known again. */
  readonly heard: object;
  readonly decided: object;
}

export interface KnownDecision {
  readonly step: number;
  readonly isOfThis: boolean;
  readonly decided: object;
}

interface DecisionRow {
  readonly step: number;
  readonly is_of_this: boolean;
  readonly decided: object;
}

/** The last one, where it is of this step or a later one; of what else was heard, perhaps. Null where there is none. */
export async function readDecision(
  tx: EntityManager,
  { subject, step, heard }: Omit<SubscriptionDecision, 'decided'>,
): Promise<KnownDecision | null> {
  const [row] = await tx.query<DecisionRow[]>(
    `SELECT step, heard = $3::jsonb AS is_of_this, decided FROM records.subscription_decisions
     WHERE subject_id = $1 AND step >= $2`,
    [subjectId(subject), step, JSON.stringify(heard)],
  );
  return row === undefined ? null : { step: row.step, isOfThis: row.is_of_this, decided: row.decided };
}

/** False where this step, or a later one, is decided already: that decision stands. */
export async function saveDecision(
  tx: EntityManager,
  { subject, step, heard, decided }: SubscriptionDecision,
): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.subscription_decisions AS known (subject_id, step, heard, decided) VALUES ($1, $2, $3, $4)
     ON CONFLICT (subject_id) DO UPDATE SET step = excluded.step, heard = excluded.heard, decided = excluded.decided,
       decided_at = clock_timestamp()
     WHERE known.step < excluded.step RETURNING known.step`,
    [subjectId(subject), step, JSON.stringify(heard), JSON.stringify(decided)],
  );
  return rows.length > 0;
}
