// Records room. How often something may be done in a time, whoever does it: visitors, mails, counts. Kept in the
// database, so that every process of the API counts in the same place.
import type { EntityManager } from 'typeorm';

export interface RateToTake {
  readonly name: string;
  readonly most: number;
  readonly withinMs: number;
}

/** Takes one of each where there is room in all. Else nothing is taken: the first without room, and how long. */
export async function takeRates<Rate extends RateToTake>(
  tx: EntityManager,
  rates: readonly Rate[],
): Promise<{ readonly refused: Rate; readonly waitMs: number } | null> {
  const [row] = await tx.query<{ refused: number; wait: number }[]>(
    `SELECT refused, wait FROM records.take_rates($1, $2,
       ARRAY(SELECT ms * interval '1 millisecond' FROM unnest($3::float8[]) WITH ORDINALITY u (ms, n) ORDER BY n))`,
    [rates.map(({ name }) => name), rates.map(({ most }) => most), rates.map(({ withinMs }) => withinMs)],
  );
  const refused = rates[(row?.refused ?? 0) - 1];
  return refused === undefined ? null : { refused, waitMs: Math.ceil((row?.wait ?? 0) * 1_000) };
}

/** Names whose room is whole again: forgetting them changes nothing. */
export async function forgetFreeRates(tx: EntityManager): Promise<void> {
  await tx.query(`DELETE FROM records.rates WHERE free_at < clock_timestamp() - interval '1 minute'`);
}
