// Records room. What a request was answered, kept under its caller's key: asked again it is told again, and not done.
// Whoever stores an answer strikes its secrets first.
import type { JsonValue } from '@fairmeter/domain';
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
