// Records room. Frees the files of jobs that are over for long enough: the trees of a job, and then the contents that
// no other job of the same subject lists.
import type { Instant } from '@fairmeter/domain';
import { instantToText } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { WorkspaceOwner } from './workspaces.js';

/** Jobs that wrote files before that and still have some, the oldest first; which of them are over others know. */
export async function jobsWithFilesBefore(
  tx: EntityManager,
  before: Instant,
  most: number,
): Promise<readonly string[]> {
  const rows = await tx.query<{ job_id: string }[]>(
    `SELECT job_id FROM records.workspace_trees WHERE created_at < $1
     GROUP BY job_id ORDER BY min(created_at), job_id LIMIT $2`,
    [instantToText(before), most],
  );
  return rows.map((row) => row.job_id);
}

/**
 * A content that was written anew since `before` stays: a job that is at work may be about to list it. Whoever writes
 * one that is there already says so in its row, and so the two never miss each other.
 */
export async function freeFiles(tx: EntityManager, jobIds: readonly string[], before: Instant): Promise<void> {
  const owners = await tx.query<{ account_id: string; subject: string }[]>(
    `WITH freed AS (DELETE FROM records.workspace_trees WHERE job_id = ANY ($1) RETURNING account_id, subject)
     SELECT DISTINCT account_id, subject FROM freed ORDER BY account_id, subject`,
    [jobIds],
  );
  for (const { account_id: accountId, subject } of owners) await freeContents(tx, { accountId, subject }, before);
}

async function freeContents(tx: EntityManager, owner: WorkspaceOwner, before: Instant): Promise<void> {
  await tx.query(
    `DELETE FROM records.workspace_blobs
     WHERE account_id = $1 AND subject = $2 AND created_at < $3 AND sha256 NOT IN (
       SELECT e ->> 'sha256' FROM records.workspace_trees t CROSS JOIN LATERAL jsonb_array_elements(t.entries) AS e
       WHERE t.account_id = $1 AND t.subject = $2)`,
    [owner.accountId, owner.subject, instantToText(before)],
  );
}
