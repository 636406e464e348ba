// Ledger room, read side. What the attempts of a job really cost us. Apart from everything else that is told of a job:
// staff alone may read it.
import type { MicroDollars } from '@fairmeter/domain';
import { microDollars } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface RealCostView {
  readonly ordinal: number;
  readonly attempt: number;
  readonly realCost: MicroDollars;
}

/** Those that cost us something, charged or not, in their order. */
export async function readRealCosts(tx: EntityManager, jobId: string): Promise<RealCostView[]> {
  const rows = await tx.query<{ ordinal: number; attempt: number; real_cost: string }[]>(
    `SELECT ordinal, number AS attempt, real_cost::text FROM ledger.attempts
     WHERE job_id = $1 AND real_cost > 0 ORDER BY ordinal, number`,
    [jobId],
  );
  return rows.map(({ ordinal, attempt, real_cost: cost }) => ({
    ...{ ordinal, attempt },
    realCost: microDollars(BigInt(cost)),
  }));
}
