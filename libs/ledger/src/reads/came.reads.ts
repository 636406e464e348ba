// Ledger room, read side. How much has ever come to a scope: it rises with whatever comes, and with nothing else.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { EVER_LIVED } from '../rows/lot-ends.js';

export interface CameQuery {
  readonly scopeId: string;
  /** What was posted ahead and has not begun by then has not come. */
  readonly at: Instant;
  /** Of each lot; less is left out. */
  readonly atLeast: MicroCredits;
}

const CAME = `
SELECT coalesce(sum(granted), 0)::text AS came FROM ledger.lots
WHERE scope_id = $1 AND kind <> 'daily' AND valid_from <= $2 AND granted >= $3 AND ${EVER_LIVED}`;

/** A day's credits apart, which come by themselves. A lot that an upgrade let grow counts as it is now. */
export async function readAllThatCame(tx: EntityManager, { scopeId, at, atLeast }: CameQuery): Promise<MicroCredits> {
  const values = [scopeId, new Date(at).toISOString(), atLeast.toString()];
  const [row] = await tx.query<{ came: string }[]>(CAME, values);
  return parseMicroCredits(row?.came ?? '0');
}
