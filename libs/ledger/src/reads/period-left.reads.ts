// Ledger room, read side. What a change of a subscription starts from: what is left of the present period's lot, what
// today was given, and what is owed. For whoever tells beforehand what it will come to.
import type { MicroCredits, PeriodLotName } from '@fairmeter/domain';
import { parseMicroCredits, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { endsAfter } from '../rows/lot-ends.js';
import { readDay } from './day.reads.js';
import type { ScopePoint } from './scope-point.js';

export interface PeriodLeft {
  readonly leftOfPeriod: MicroCredits;
  readonly givenToday: MicroCredits;
  readonly debt: MicroCredits;
}

const LEFT = `SELECT s.debt::text, (SELECT l.open::text FROM ledger.lots l
  WHERE l.scope_id = s.id AND l.kind = $2 AND l.source_ref = $3 AND ${endsAfter('$4', 'l')}) AS left
FROM ledger.scopes s WHERE s.id = $1`;

/** At the present, and of the lot that its grant named so; nothing is left of one that was never granted. */
export async function readPeriodLeft(
  tx: EntityManager,
  present: ScopePoint,
  lot: PeriodLotName | null,
): Promise<PeriodLeft> {
  const { scopeId, at } = present;
  const values = [scopeId, lot?.kind ?? null, lot?.sourceRef ?? null, new Date(at).toISOString()];
  const [row] = await tx.query<{ debt: string; left: string | null }[]>(LEFT, values);
  const day = await readDay(tx, present);
  return {
    leftOfPeriod: parseMicroCredits(row?.left ?? '0'),
    givenToday: day?.grantedNow ?? ZERO,
    debt: parseMicroCredits(row?.debt ?? '0'),
  };
}
