// Records room. Which workers were seen when, and what each counts of itself. A worker writes it; readiness and alerts
// read it.
import type { Instant, ProcessSeen, ProcessSign } from '@fairmeter/domain';
import { aheadForCertain, instant, instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface WorkerSeen {
  readonly workerId: string;
  readonly seenAt: Instant;
  /** By the database's clock, so that no process's own skew counts. */
  readonly agoMs: number;
}

/** How often since its process began, and how long ago the last time was, by whoever counts. */
export interface SignCounted {
  readonly count: number;
  readonly agoMs: number;
}

export type SignsCounted = Readonly<Partial<Record<ProcessSign, SignCounted>>>;

export interface WorkerSaid {
  readonly id: string;
  readonly version: string;
  readonly signs: SignsCounted;
  /** By its own clock. */
  now(): number;
}

/** Its clock is measured against the database's. */
export async function touchWorker(tx: EntityManager, worker: WorkerSaid): Promise<void> {
  const { aheadMs } = await measureClock(tx, worker);
  await tx.query(
    `INSERT INTO records.workers (id, version, started_at, seen_at, signs, clock_ahead_ms)
     VALUES ($1, $2, clock_timestamp(), clock_timestamp(), $3, $4)
     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, signs = excluded.signs,
       clock_ahead_ms = excluded.clock_ahead_ms`,
    [worker.id, worker.version, JSON.stringify(worker.signs), aheadMs],
  );
}

/** Those of the last minute. */
export async function readProcesses(tx: EntityManager): Promise<ProcessSeen[]> {
  type Row = { id: string; seen_at: Date; signs: SignsCounted; clock_ahead_ms: number | null };
  const rows = await tx.query<Row[]>(
    `SELECT id, seen_at, signs, clock_ahead_ms FROM records.workers
     WHERE seen_at > clock_timestamp() - interval '1 minute' ORDER BY id`,
  );
  return rows.map(({ id, seen_at: seenAt, signs, clock_ahead_ms: clockAheadMs }) => ({
    process: id,
    clockAheadMs,
    signs: Object.fromEntries(
      Object.entries(signs).map(([sign, { count, agoMs }]) => [
        sign,
        { count, lastAt: instant(seenAt.getTime() - agoMs) },
      ]),
    ),
  }));
}

/** The database's clock in epoch milliseconds, and by how much the asker's is certainly ahead of it. */
export async function measureClock(
  tx: EntityManager,
  clock: { now(): number },
): Promise<{ readonly databaseNow: number; readonly aheadMs: number }> {
  const asked = clock.now();
  const databaseNow = await readDatabaseClock(tx);
  return { databaseNow, aheadMs: aheadForCertain(databaseNow, { asked, answered: clock.now() }) };
}

async function readDatabaseClock(tx: EntityManager): Promise<number> {
  const [row] = await tx.query<{ now: number }[]>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  if (row === undefined) throw new Error('one row always comes back');
  return Math.round(row.now);
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
