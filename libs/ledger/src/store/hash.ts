// Ledger room. What makes two operations of one key the same: their bodies as they are kept, and one hash of them.
import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@fairmeter/domain';

export type StoredBody = Readonly<Record<string, JsonValue>>;

/** As it is kept beside its hash: bigints as text, nothing undefined. */
export function storable(body: Readonly<Record<string, unknown>>): StoredBody {
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as StoredBody;
}

export function hashBody(body: StoredBody): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

/**
 * The first field, by name, in which two bodies of one key are not equal; undefined where all that was kept is equal. A
 * field that the ledger began to keep later says nothing against an operation that is older.
 */
export function differingField(known: StoredBody, body: StoredBody): string | undefined {
  const isOther = (field: string): boolean =>
    canonicalJson(known[field] ?? null) !== canonicalJson(body[field] ?? null);
  return Object.keys(known).sort().find(isOther);
}
