// Records room. What is taken back of a compensation that was a mistake. What each may take is written before anything
// is posted and does not change: posted again after a crash it is the same.
import type { CorrectionOrder, MicroCredits } from '@fairmeter/domain';
import { formatMicroCredits, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface CompensationCorrection {
  /** Follows from the key of its request. */
  readonly id: string;
  readonly compensationId: string;
  readonly jobId: string;
  readonly madeBy: string;
  readonly bodyHash: string;
  /** What it may take; once it is posted, what it took. */
  readonly order: CorrectionOrder;
}

export interface CorrectionRecord extends Pick<CompensationCorrection, 'id' | 'bodyHash' | 'order'> {
  /** Not known to be posted yet. */
  readonly isOpen: boolean;
}

interface CorrectionRow {
  readonly id: string;
  readonly body_hash: string;
  readonly is_open: boolean;
  readonly most: string;
  readonly lots: readonly { readonly lotId: string; readonly most: string }[];
}

const CORRECTION = `SELECT id, body_hash, taken IS NULL AS is_open, coalesce(taken, most)::text AS most, lots
  FROM records.compensation_corrections`;

export async function findCorrection(tx: EntityManager, id: string): Promise<CorrectionRecord | null> {
  const [row] = await tx.query<CorrectionRow[]>(`${CORRECTION} WHERE id = $1`, [id]);
  return row === undefined ? null : correctionOf(row);
}

export async function readCorrectionsOf(
  tx: EntityManager,
  compensationId: string,
  jobId: string,
): Promise<CorrectionRecord[]> {
  const rows = await tx.query<CorrectionRow[]>(`${CORRECTION} WHERE compensation_id = $1 AND job_id = $2`, [
    compensationId,
    jobId,
  ]);
  return rows.map(correctionOf);
}

export async function openCorrection(tx: EntityManager, correction: CompensationCorrection): Promise<void> {
  const { id, compensationId, jobId, madeBy, bodyHash, order } = correction;
  await tx.query(
    `INSERT INTO records.compensation_corrections (id, compensation_id, job_id, made_by, body_hash, most, lots)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, compensationId, jobId, madeBy, bodyHash, formatMicroCredits(order.most), lotsText(order)],
  );
}

/** With what it adds to what was taken back of its job. */
export async function closeCorrection(tx: EntityManager, id: string, taken: CorrectionOrder): Promise<void> {
  await tx.query(
    `WITH closed AS (
       UPDATE records.compensation_corrections SET taken = $2, lots = $3 WHERE id = $1 AND taken IS NULL
       RETURNING compensation_id, job_id)
     UPDATE records.compensation_jobs j SET taken_back = taken_back + $2 FROM closed
     WHERE j.compensation_id = closed.compensation_id AND j.job_id = closed.job_id`,
    [id, formatMicroCredits(taken.most), lotsText(taken)],
  );
}

function lotsText({ lots }: CorrectionOrder): string {
  return JSON.stringify(lots.map(({ lotId, most }) => ({ lotId, most: formatMicroCredits(most) })));
}

function correctionOf(row: CorrectionRow): CorrectionRecord {
  const most: MicroCredits = parseMicroCredits(row.most);
  const lots = row.lots.map((lot) => ({ lotId: lot.lotId, most: parseMicroCredits(lot.most) }));
  return { id: row.id, bodyHash: row.body_hash, isOpen: row.is_open, order: { lots, most } };
}
