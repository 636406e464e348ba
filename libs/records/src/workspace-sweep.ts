// Records room. Frees the files of jobs that are over for long enough: the trees of a job, and then the contents that
// no other job of the same subject lists.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate, instantToText } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** A job that has trees, and when it wrote the first of them. */
export interface JobWithFiles {
  readonly jobId: string;
  readonly since: Instant;
}

export interface FilesPage {
  readonly before: Instant;
  /** The last one of the page before; null for the first page. */
  readonly after: JobWithFiles | null;
  readonly most: number;
}

/** Jobs that wrote files before that and still have some, the oldest first; which of them are over others know. */
export async function jobsWithFiles(
  tx: EntityManager,
  { before, after, most }: FilesPage,
): Promise<readonly JobWithFiles[]> {
  const rows = await tx.query<{ job_id: string; since: Date }[]>(
    `SELECT job_id, min(created_at) AS since FROM records.workspace_trees WHERE created_at < $1
     GROUP BY job_id HAVING $3::timestamptz IS NULL OR (min(created_at), job_id) > ($3::timestamptz, $4::text)
     ORDER BY since, job_id LIMIT $2`,
    [instantToText(before), most, after === null ? null : instantToText(after.since), after?.jobId ?? null],
  );
  return rows.map(({ job_id: jobId, since }) => ({ jobId, since: instantOfDate(since) }));
}

/** Far longer than any statement takes that writes a content and the tree that lists it. */
const WRITING = "interval '1 hour'";

/**
 * A job writes every content that it lists, so of an old content each of its jobs has a tree that is as old: only trees
 * of that age are looked through, those of jobs that are not over for long. A tree is freed once it is old itself. A
 * content that was written anew stays: a job that is at work may be about to list it. Whoever writes one that is there
 * already says so in its row, and so the two never miss each other.
 */
const FREE = `WITH freed AS (
    DELETE FROM records.workspace_trees WHERE job_id = ANY ($1) AND created_at < $2
    RETURNING account_id, subject, entries),
  listed AS (
    SELECT DISTINCT account_id, subject, e ->> 'sha256' AS sha256
    FROM freed CROSS JOIN LATERAL jsonb_array_elements(entries) AS e),
  kept AS (
    SELECT DISTINCT t.account_id, t.subject, e ->> 'sha256' AS sha256
    FROM records.workspace_trees t CROSS JOIN LATERAL jsonb_array_elements(t.entries) AS e
    WHERE t.created_at < $2::timestamptz + 2 * ${WRITING} AND NOT (t.job_id = ANY ($1) AND t.created_at < $2)
      AND (t.account_id, t.subject) IN (SELECT account_id, subject FROM listed))
  DELETE FROM records.workspace_blobs b USING listed l
  WHERE b.account_id = l.account_id AND b.subject = l.subject AND b.sha256 = l.sha256
    AND b.created_at < $2::timestamptz + ${WRITING}
    AND NOT EXISTS (
      SELECT FROM kept k WHERE k.account_id = l.account_id AND k.subject = l.subject AND k.sha256 = l.sha256)`;

/** One after the other: of two that free a content's last two trees at once each would leave it to the other. */
export async function freeFiles(manager: EntityManager, jobIds: readonly string[], before: Instant): Promise<void> {
  await manager.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', ['workspace-sweep']);
    await tx.query(FREE, [jobIds, instantToText(before)]);
  });
}
