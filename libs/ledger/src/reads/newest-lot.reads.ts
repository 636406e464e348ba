// Ledger room, read side. What came to a scope last: so that what is said of it is said once.
import type { Instant, LotKind, MicroCredits } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { EVER_LIVED } from '../rows/lot-ends.js';

export interface NewestLot {
  readonly kind: LotKind;
  readonly validFrom: Instant;
  readonly openedSeq: bigint;
}

export interface NewestLotQuery {
  readonly scopeId: string;
  /** What was posted ahead and has not begun by then has not come. */
  readonly at: Instant;
  /** The last entry that whoever asks knows of. */
  readonly lastEntry: bigint;
  readonly atLeast: MicroCredits;
}

const NEWEST = `
SELECT kind, valid_from, opened_seq::text FROM ledger.lots
WHERE scope_id = $1 AND kind <> 'daily' AND valid_from <= $2 AND opened_seq <= $3 AND granted >= $4 AND ${EVER_LIVED}
ORDER BY valid_from DESC, opened_seq DESC LIMIT 1`;

/** A day's credits apart, which come by themselves. */
export async function readNewestLot(tx: EntityManager, query: NewestLotQuery): Promise<NewestLot | null> {
  const { scopeId, at, lastEntry, atLeast } = query;
  const [row] = await tx.query<{ kind: LotKind; valid_from: Date; opened_seq: string }[]>(NEWEST, [
    scopeId,
    new Date(at).toISOString(),
    lastEntry.toString(),
    atLeast.toString(),
  ]);
  if (row === undefined) return null;
  return { kind: row.kind, validFrom: instantOfDate(row.valid_from), openedSeq: BigInt(row.opened_seq) };
}
