// Records room. What a usage review gave back, kept apart by who had paid.
import type { MicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** Beside what came back in an earlier round. */
export async function addReturned(
  tx: EntityManager,
  id: string,
  returned: ReadonlyMap<string, MicroCredits>,
): Promise<void> {
  const amounts = Object.fromEntries([...returned].map(([scopeId, amount]) => [scopeId, amount.toString()]));
  await tx.query(
    `UPDATE records.review_cases SET returned = (
       SELECT coalesce(jsonb_object_agg(part.key, part.sum::text), '{}') FROM (
         SELECT key, sum(value::bigint) AS sum
         FROM (SELECT * FROM jsonb_each_text(returned) UNION ALL SELECT * FROM jsonb_each_text($2::jsonb)) both_rounds
         GROUP BY key) part)
     WHERE id = $1`,
    [id, JSON.stringify(amounts)],
  );
}
