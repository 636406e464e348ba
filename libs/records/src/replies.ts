// Records room. What a request was answered, kept under its caller's key: asked again it is told again, and not done.
// Whoever stores an answer strikes its secrets first.
import type { Instant, JsonValue } from '@fairmeter/domain';
import { instant, instantToText } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface StoredReply {
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly answer: JsonValue;
}

export async function findReply(tx: EntityManager, keyHash: string): Promise<StoredReply | null> {
  const rows = await tx.query<{ body_hash: string; answer: JsonValue }[]>(
    'SELECT body_hash, answer FROM records.replies WHERE key_hash = $1',
    [keyHash],
  );
  const row = rows[0];
  return row === undefined ? null : { keyHash, bodyHash: row.body_hash, answer: row.answer };
}

/** A twin that was first makes the transaction fail to serialize: asked again, it finds the twin's answer. */
export async function saveReply(tx: EntityManager, accountId: string, reply: StoredReply): Promise<void> {
  await tx.query(
    `INSERT INTO records.replies (key_hash, account_id, body_hash, answer) VALUES ($1, $2, $3, $4)
     ON CONFLICT (key_hash) DO NOTHING`,
    [reply.keyHash, accountId, reply.bodyHash, JSON.stringify(reply.answer)],
  );
}

const KEPT_MS = 30 * 86_400_000;
const SWEPT_AT_ONCE = 500;

/** Some of those that were kept for 30 days, and how many: none when nothing is left. */
export async function sweepReplies(tx: EntityManager, now: Instant): Promise<number> {
  const [rows] = await tx.query<[unknown[], number]>(
    `DELETE FROM records.replies WHERE key_hash IN
       (SELECT key_hash FROM records.replies WHERE created_at < $1 ORDER BY created_at LIMIT $2) RETURNING key_hash`,
    [instantToText(instant(now - KEPT_MS)), SWEPT_AT_ONCE],
  );
  return rows.length;
}
