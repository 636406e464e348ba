// Ledger room, read side. What was captured for a job and what the platform bore, from the entries themselves.
import type { MicroCredits } from '@fairmeter/domain';
import { add, consumedAccount, parseMicroCredits, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { LotShare } from './job-views.js';

export interface OfJob {
  readonly id: string;
  readonly scopeId: string;
}

export interface Captures {
  /** By step; no ordinal is the minimum line. */
  readonly paidFrom: ReadonlyMap<number | null, readonly LotShare[]>;
  readonly borne: ReadonlyMap<number | null, MicroCredits>;
}

interface CaptureRow {
  readonly step_ordinal: number | null;
  readonly lot_id: string | null;
  readonly lot_kind: string | null;
  readonly amount: string;
  readonly scope_seq: string;
}

/** Of the whole job, or of the steps of a page. */
export async function readCaptures(
  tx: EntityManager,
  job: OfJob,
  ordinals: readonly number[] | null = null,
): Promise<Captures> {
  const rows = await tx.query<CaptureRow[]>(
    `SELECT e.step_ordinal, e.lot_id, l.kind AS lot_kind, e.amount::text, e.scope_seq::text
     FROM ledger.entries e LEFT JOIN ledger.lots l ON l.id = e.lot_id
     WHERE e.job_id = $1 AND e.to_account = $2 AND ($3::int[] IS NULL OR e.step_ordinal = ANY ($3))
     ORDER BY e.scope_seq`,
    [job.id, consumedAccount(job.scopeId), ordinals],
  );
  const paidFrom = new Map<number | null, LotShare[]>();
  const borne = new Map<number | null, MicroCredits>();
  for (const row of rows) {
    const amount = parseMicroCredits(row.amount);
    const { step_ordinal: step, lot_id: lotId } = row;
    if (lotId === null) {
      borne.set(step, add(borne.get(step) ?? ZERO, amount));
      continue;
    }
    const share = { lotId, lotKind: row.lot_kind ?? 'unknown', amount, seq: BigInt(row.scope_seq) };
    const shares = paidFrom.get(step);
    if (shares === undefined) paidFrom.set(step, [share]);
    else shares.push(share);
  }
  return { paidFrom, borne };
}

/** What the job still held right after the capture of each step, added up over its entries in their order. */
export async function readLeftOnHold(tx: EntityManager, job: OfJob): Promise<ReadonlyMap<number, MicroCredits>> {
  const rows = await tx.query<{ step_ordinal: number; on_hold: string }[]>(
    `WITH moved AS (
       SELECT scope_seq, step_ordinal, to_account = $2 AS is_capture,
         sum(CASE WHEN to_account LIKE 'lot:%:held' THEN amount WHEN from_account LIKE 'lot:%:held' THEN -amount
           ELSE 0 END) OVER (ORDER BY scope_seq) AS on_hold
       FROM ledger.entries WHERE job_id = $1)
     SELECT DISTINCT ON (step_ordinal) step_ordinal, on_hold::text FROM moved
     WHERE is_capture AND step_ordinal IS NOT NULL ORDER BY step_ordinal, scope_seq DESC`,
    [job.id, consumedAccount(job.scopeId)],
  );
  return new Map(rows.map((row) => [row.step_ordinal, parseMicroCredits(row.on_hold)]));
}
