// Records room. How fast somebody may ask, counted in the database: every process of the API counts in the same place.
import type { EntityManager } from 'typeorm';

export interface RateTaken {
  readonly most: number;
  readonly withinMs: number;
}

/** Milliseconds until there is room again; 0 where there was room, and it is taken. */
export async function takeRate(tx: EntityManager, name: string, { most, withinMs }: RateTaken): Promise<number> {
  const rows = await tx.query<{ wait: number }[]>(
    `SELECT records.take_rate_within($1, $2, $3 * interval '1 millisecond') AS wait`,
    [name, most, withinMs],
  );
  return Math.ceil((rows[0]?.wait ?? 0) * 1_000);
}

/** Names whose room is whole again: forgetting them changes nothing. */
export async function forgetFreeRates(tx: EntityManager): Promise<void> {
  await tx.query(`DELETE FROM records.rates WHERE free_at < clock_timestamp() - interval '1 minute'`);
}
