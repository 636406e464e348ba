// Records room. Which workers were seen when. A worker writes it, readiness reads it.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface WorkerSeen {
  readonly workerId: string;
  readonly seenAt: Instant;
  /** By the database's clock, so that no process's own skew counts. */
  readonly agoMs: number;
}

export async function touchWorker(
  tx: EntityManager,
  worker: { readonly id: string; readonly version: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO records.workers (id, version, started_at, seen_at)
     VALUES ($1, $2, clock_timestamp(), clock_timestamp())
     ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()`,
    [worker.id, worker.version],
  );
}

export async function forgetWorker(tx: EntityManager, id: string): Promise<void> {
  await tx.query(`DELETE FROM records.workers WHERE id = $1 OR seen_at < clock_timestamp() - interval '1 day'`, [id]);
}

export async function lastWorkerSeen(tx: EntityManager): Promise<WorkerSeen | null> {
  const rows = await tx.query<{ id: string; seen_at: Date; ago: string }[]>(
    `SELECT id, seen_at, (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::bigint AS ago
     FROM records.workers ORDER BY seen_at DESC LIMIT 1`,
  );
  const row = rows[0];
  return row === undefined ? null : { workerId: row.id, seenAt: instantOfDate(row.seen_at), agoMs: Number(row.ago) };
}
