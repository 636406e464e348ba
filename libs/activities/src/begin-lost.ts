// Activities room. One after the other of what is due is taken and begun; one that cannot be begun lets the others go
// first.
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';

export type LostIn = Pick<EntityDatabase, 'manager' | 'transaction'>;

export interface LostKind<Lost> {
  /** The first that is due, for this transaction alone; null where none is. */
  readonly take: (tx: EntityManager) => Promise<Lost | null>;
  readonly putOff: (tx: EntityManager, lost: Lost) => Promise<void>;
}

/** Has one of them begun, and says how many: none when nothing is left. */
export async function beginFirst<Lost>(
  entities: LostIn,
  { take, putOff }: LostKind<Lost>,
  begin: (lost: Lost) => Promise<void>,
): Promise<number> {
  const taken: Lost[] = [];
  try {
    return await entities.transaction(async (tx) => {
      const lost = await take(tx);
      if (lost === null) return 0;
      taken.push(lost);
      await begin(lost);
      return 1;
    });
  } catch (error) {
    // It was taken back with the transaction, and would be the first again at the next turn.
    for (const lost of taken) await putOff(entities.manager, lost);
    throw error;
  }
}
