// Ledger room, read side. What came of requests that somebody else keeps a list of, added up for whoever made them.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** In step: who made the request, and the key it was made under. */
export interface Requests {
  readonly whose: readonly string[];
  readonly keyHashes: readonly string[];
}

export interface UsedByRequests {
  readonly jobs: number;
  /** Charged and not refunded, so far where a job still runs. */
  readonly used: MicroCredits;
  readonly lastAt: Instant;
}

const USED = `
SELECT r.who, count(*)::int AS jobs, sum(j.charge - j.refunded)::text AS used, max(j.created_at) AS last_at
FROM unnest($1::text[], $2::text[]) r (who, key_hash) JOIN ledger.jobs j ON j.key_hash = r.key_hash GROUP BY r.who`;

/** Whoever has no job is missing: a request may have been refused. */
export async function readUsedByRequests(
  tx: EntityManager,
  { whose, keyHashes }: Requests,
): Promise<ReadonlyMap<string, UsedByRequests>> {
  const rows = await tx.query<{ who: string; jobs: number; used: string; last_at: Date }[]>(USED, [whose, keyHashes]);
  return new Map(
    rows.map((row) => [
      row.who,
      { jobs: row.jobs, used: parseMicroCredits(row.used), lastAt: instantOfDate(row.last_at) },
    ]),
  );
}

export interface OpenRequest {
  readonly jobId: string;
  readonly workflowId: string;
}

interface OpenRow {
  readonly id: string;
  readonly workflow_id: string;
}

const openRequest = ({ id, workflow_id: workflowId }: OpenRow): OpenRequest => ({ jobId: id, workflowId });

/** The jobs among them that have not ended. */
export async function readOpenRequests(tx: EntityManager, keyHashes: readonly string[]): Promise<OpenRequest[]> {
  const rows = await tx.query<OpenRow[]>(
    'SELECT id, workflow_id FROM ledger.jobs WHERE key_hash = ANY ($1) AND ended_at IS NULL ORDER BY id',
    [keyHashes],
  );
  return rows.map(openRequest);
}

/** The jobs that this requester asked for and that have not ended. */
export async function readOpenJobsOf(tx: EntityManager, requesterId: string): Promise<OpenRequest[]> {
  const rows = await tx.query<OpenRow[]>(
    'SELECT id, workflow_id FROM ledger.jobs WHERE requester_id = $1 AND ended_at IS NULL ORDER BY id',
    [requesterId],
  );
  return rows.map(openRequest);
}
