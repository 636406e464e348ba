// Records room. Reports that were made beside a case of the same thread: they hear of its outcome as well.
import type { EntityManager } from 'typeorm';
import type { ReviewCase } from './review-case.js';
import type { ReviewRow } from './review-rows.js';
import { caseOf } from './review-rows.js';

/** In the order in which they were made. */
export async function readDuplicatesOf(tx: EntityManager, id: string): Promise<ReviewCase[]> {
  const rows = await tx.query<ReviewRow[]>('SELECT * FROM records.review_views WHERE duplicate_of = $1 ORDER BY id', [
    id,
  ]);
  return rows.map(caseOf);
}
