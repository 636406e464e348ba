// Records room. Why a job's files were not packed, where a step that was to pack them found something in its way.
import type { Unpacked } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { WorkspaceOwner } from './workspaces.js';

export interface UnpackedToSave extends WorkspaceOwner {
  readonly jobId: string;
  readonly why: Unpacked;
}

/** The first word stays: a repeated step finds the same. */
export async function saveUnpacked(
  tx: EntityManager,
  { jobId, accountId, subject, why }: UnpackedToSave,
): Promise<void> {
  await tx.query(
    `INSERT INTO records.unpacked_jobs (job_id, account_id, subject, why)
     VALUES ($1, $2, $3, $4) ON CONFLICT (job_id) DO NOTHING`,
    [jobId, accountId, subject, JSON.stringify(why)],
  );
}

export async function findUnpacked(tx: EntityManager, jobId: string): Promise<Unpacked | null> {
  const rows = await tx.query<{ why: Unpacked }[]>('SELECT why FROM records.unpacked_jobs WHERE job_id = $1', [jobId]);
  return rows[0]?.why ?? null;
}
