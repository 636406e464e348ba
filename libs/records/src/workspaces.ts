// Records room. The files of a job by reference: contents once per tenant by their hash, trees that list them. A step
// that changes one file of many writes one content and one tree.
import type { EntityManager } from 'typeorm';
import { storedText } from './texts.js';

export interface WorkspaceOwner {
  readonly accountId: string;
  readonly subject: string;
}

/** A file of a tree: its content is the blob of that hash. */
export interface StoredEntry {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface TreeToSave extends WorkspaceOwner {
  readonly jobId: string;
  readonly hash: string;
  readonly entries: readonly StoredEntry[];
  /** Contents by hash that the tree before did not have. */
  readonly newBodies: ReadonlyMap<string, string>;
}

export interface StoredTree {
  readonly entries: readonly StoredEntry[];
  /** By hash, without those the caller said it holds. */
  readonly bodies: ReadonlyMap<string, string>;
}

/** What the step that made the tree says of it: an answer of the same tenant. */
export interface ToldWithTree {
  readonly id: string;
  readonly body: string;
}

const CONTENTS = `contents AS (
  INSERT INTO records.workspace_blobs (account_id, subject, sha256, body, bytes)
  SELECT $1, $2, sha256, body, octet_length(body)
  FROM unnest($3::text[], $4::text[]) AS added (sha256, body) ORDER BY sha256
  ON CONFLICT (account_id, subject, sha256) DO UPDATE SET created_at = clock_timestamp())`;

const TOLD = `told AS (
  INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
  VALUES ($8, $1, $2, 'answer', $9, $10) ON CONFLICT (id) DO NOTHING)`;

const TREE = `INSERT INTO records.workspace_trees (account_id, subject, job_id, hash, entries)
  VALUES ($1, $2, $5, $6, $7) ON CONFLICT (job_id, hash) DO NOTHING`;

/** One statement: what is stored already is left as it is but for its age, so a repeated step repeats nothing. */
export async function saveTree(tx: EntityManager, tree: TreeToSave, told?: ToldWithTree): Promise<void> {
  const values = [
    tree.accountId,
    tree.subject,
    [...tree.newBodies.keys()],
    [...tree.newBodies.values()],
    tree.jobId,
    tree.hash,
    JSON.stringify(tree.entries),
  ];
  if (told === undefined) await tx.query(`WITH ${CONTENTS} ${TREE}`, values);
  else {
    const answer = [told.id, storedText(told.body), Buffer.byteLength(told.body)];
    await tx.query(`WITH ${CONTENTS}, ${TOLD} ${TREE}`, [...values, ...answer]);
  }
}

const NOTHING_HELD: ReadonlySet<string> = new Set();

/** Null where the tree was never stored or was erased. A content that is missing from it is missing from `bodies`. */
export async function loadTree(
  tx: EntityManager,
  tree: { readonly jobId: string; readonly hash: string },
  held: ReadonlySet<string> = NOTHING_HELD,
): Promise<StoredTree | null> {
  const rows = await tx.query<{ entries: StoredEntry[]; sha256: string | null; body: string | null }[]>(
    `SELECT CASE WHEN row_number() OVER () = 1 THEN t.entries END AS entries, b.sha256, b.body
     FROM records.workspace_trees t
     LEFT JOIN LATERAL (
       SELECT DISTINCT e ->> 'sha256' AS sha256 FROM jsonb_array_elements(t.entries) AS e
       WHERE NOT e ->> 'sha256' = ANY ($3)) listed ON true
     LEFT JOIN records.workspace_blobs b
       ON b.account_id = t.account_id AND b.subject = t.subject AND b.sha256 = listed.sha256
     WHERE t.job_id = $1 AND t.hash = $2`,
    [tree.jobId, tree.hash, [...held]],
  );
  const first = rows[0];
  if (first === undefined) return null;
  const found = rows.flatMap(({ sha256, body }) => (sha256 === null || body === null ? [] : [[sha256, body] as const]));
  return { entries: first.entries, bodies: new Map(found) };
}

/** All files, trees and ZIPs of a person or a bot are gone after it; what they cost stays in the ledger. */
export async function eraseWorkspaces(tx: EntityManager, { accountId, subject }: WorkspaceOwner): Promise<void> {
  for (const table of ['artefacts', 'unpacked_jobs', 'workspace_trees', 'workspace_blobs']) {
    await tx.query(`DELETE FROM records.${table} WHERE account_id = $1 AND subject = $2`, [accountId, subject]);
  }
}
