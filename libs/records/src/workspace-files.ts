// Records room. Which files a job has, and what one of them holds.
import type { EntityManager } from 'typeorm';
import type { StoredEntry } from './workspaces.js';

interface TreeOfJob {
  readonly jobId: string;
  readonly hash: string;
}

/** In the order of their paths; null where the tree was never stored or was erased. */
export async function listFiles(tx: EntityManager, tree: TreeOfJob): Promise<readonly StoredEntry[] | null> {
  const [found] = await tx.query<{ entries: readonly StoredEntry[] }[]>(
    'SELECT entries FROM records.workspace_trees WHERE job_id = $1 AND hash = $2',
    [tree.jobId, tree.hash],
  );
  return found?.entries ?? null;
}

/** None where the tree was never stored or is gone. */
export async function countFiles(tx: EntityManager, tree: TreeOfJob): Promise<number> {
  const [found] = await tx.query<{ count: number }[]>(
    `SELECT jsonb_array_length(entries) AS count FROM records.workspace_trees WHERE job_id = $1 AND hash = $2`,
    [tree.jobId, tree.hash],
  );
  return found?.count ?? 0;
}

export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
  /** Null where the caller knows it, and where it was erased. */
  readonly body: string | null;
}

/** Null where the tree is gone. `known` is the hash of a content that the caller has, and needs not be sent. */
export async function findFile(
  tx: EntityManager,
  wanted: TreeOfJob & { readonly path: string },
  known: string | null,
): Promise<StoredFile | 'no_such_file' | null> {
  const [found] = await tx.query<{ sha256: string | null; bytes: number; body: string | null }[]>(
    `SELECT listed.sha256, listed.bytes, b.body
     FROM records.workspace_trees t
     LEFT JOIN LATERAL (
       SELECT e ->> 'sha256' AS sha256, (e ->> 'bytes')::int AS bytes
       FROM jsonb_array_elements(t.entries) AS e WHERE e ->> 'path' = $3) listed ON true
     LEFT JOIN records.workspace_blobs b
       ON b.account_id = t.account_id AND b.subject = t.subject AND b.sha256 = listed.sha256
         AND b.sha256 IS DISTINCT FROM $4
     WHERE t.job_id = $1 AND t.hash = $2`,
    [wanted.jobId, wanted.hash, wanted.path, known],
  );
  if (found === undefined) return null;
  const { sha256, bytes, body } = found;
  return sha256 === null ? 'no_such_file' : { sha256, bytes, body };
}
