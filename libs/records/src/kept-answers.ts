// Records room. A model's answer as it came, kept with its text before anything is made of it: what was paid for once
// is found again by whoever has to go on with its step.
import type { TokenMeters } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** What came along with the text. */
export interface AnswerTold {
  /** Null where the provider told none. */
  readonly usage: TokenMeters | null;
  readonly providerRequestId: string | null;
  readonly region: string | null;
  readonly latencyMs: number;
}

export interface KeptAnswer extends AnswerTold {
  readonly text: string;
  readonly ageMs: number;
  /** How often the end of its step could not be written down, by a fault of ours. */
  readonly unrecorded: number;
}

export async function findKeptAnswer(tx: EntityManager, id: string): Promise<KeptAnswer | null> {
  const [row] = await tx.query<{ body: string; told: AnswerTold; unrecorded: number; age_ms: number }[]>(
    `SELECT body, told, unrecorded, (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS age_ms
     FROM records.texts WHERE id = $1 AND told IS NOT NULL`,
    [id],
  );
  if (row === undefined) return null;
  return { ...row.told, text: row.body, ageMs: row.age_ms, unrecorded: row.unrecorded };
}

/** One more time that it could not be written down; says how often by now, 0 where no such answer is kept. */
export async function countUnrecorded(tx: EntityManager, id: string): Promise<number> {
  const [row] = await tx.query<{ unrecorded: number }[]>(
    `WITH counted AS (
       UPDATE records.texts SET unrecorded = unrecorded + 1 WHERE id = $1 AND told IS NOT NULL RETURNING unrecorded)
     SELECT unrecorded FROM counted`,
    [id],
  );
  return row?.unrecorded ?? 0;
}

/** What providers told of those answers, by their ids; answers that were erased, or told nothing, are missing. */
export async function readToldUsage(
  tx: EntityManager,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TokenMeters>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; usage: TokenMeters }[]>(
    `SELECT id, told -> 'usage' AS usage FROM records.texts
     WHERE id = ANY ($1) AND jsonb_typeof(told -> 'usage') = 'object'`,
    [ids],
  );
  return new Map(rows.map(({ id, usage }) => [id, usage]));
}
