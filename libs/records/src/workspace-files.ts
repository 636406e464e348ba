// Records room. Which files a job has, without their contents.
import type { EntityManager } from 'typeorm';
import type { StoredEntry } from './workspaces.js';

/** In the order of their paths; null where the tree was never stored or was erased. */
export async function listFiles(
  tx: EntityManager,
  tree: { readonly jobId: string; readonly hash: string },
): Promise<readonly StoredEntry[] | null> {
  const [found] = await tx.query<{ entries: readonly StoredEntry[] }[]>(
    'SELECT entries FROM records.workspace_trees WHERE job_id = $1 AND hash = $2',
    [tree.jobId, tree.hash],
  );
  return found?.entries ?? null;
}
