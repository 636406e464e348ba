// Ledger room, read side. What was granted under references of whoever asked for it: for those who lost the answer.
import type { LotKind, MicroCredits } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface GrantedLot {
  readonly scopeId: string;
  readonly lotId: string;
  readonly sourceRef: string;
  readonly isTakenBack: boolean;
}

export interface GrantsAsked {
  readonly scopeIds: readonly string[];
  readonly sourceRefs: readonly string[];
}

export async function readGranted(tx: EntityManager, { scopeIds, sourceRefs }: GrantsAsked): Promise<GrantedLot[]> {
  return tx.query<GrantedLot[]>(
    `SELECT scope_id AS "scopeId", id AS "lotId", source_ref AS "sourceRef", clawed_back AS "isTakenBack"
     FROM ledger.lots WHERE scope_id = ANY ($1) AND source_ref = ANY ($2)`,
    [scopeIds, sourceRefs],
  );
}

/** What became of a lot that was granted under a reference, as far as it is there no more. */
export interface LotFate {
  readonly granted: MicroCredits;
  readonly held: MicroCredits;
  readonly lapsed: MicroCredits;
  /** Of what was left of it: at once, and what jobs let go of since. */
  readonly takenBack: MicroCredits;
}

export interface NamedLot {
  readonly scopeId: string;
  readonly kind: LotKind;
  readonly sourceRef: string;
}

/** Null where nothing was granted under it. */
export async function readLotFate(tx: EntityManager, { scopeId, kind, sourceRef }: NamedLot): Promise<LotFate | null> {
  const [row] = await tx.query<Record<keyof LotFate, string>[]>(
    `SELECT l.granted::text, l.held::text, l.lapsed::text, (SELECT coalesce(sum(e.amount), 0)::text
       FROM ledger.entries e WHERE e.lot_id = l.id AND e.to_account = 'clawed_back') AS "takenBack"
     FROM ledger.lots l WHERE l.scope_id = $1 AND l.kind = $2 AND l.source_ref = $3`,
    [scopeId, kind, sourceRef],
  );
  if (row === undefined) return null;
  return {
    granted: parseMicroCredits(row.granted),
    held: parseMicroCredits(row.held),
    lapsed: parseMicroCredits(row.lapsed),
    takenBack: parseMicroCredits(row.takenBack),
  };
}
