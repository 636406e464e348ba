// Records room. The keys of an account and of its bots as their owner sees and changes them. Nothing here reads what a
// key is checked by: the reader's role is not granted it.
import type { Environment, Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

export interface ApiKeyView {
  readonly id: string;
  readonly accountId: string;
  /** Null for a key of the whole account. */
  readonly botId: string | null;
  /** For good: a key never passes over to the other one. */
  readonly environment: Environment;
  readonly name: string;
  readonly prefix: string;
  /** Null for keys of before it was kept. */
  readonly last4: string | null;
  readonly scopes: readonly string[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  /** The key that took its place. */
  readonly replacedBy: string | null;
  /** Under which key's id its limits are set and counted: a key that takes another's place takes that as well. */
  readonly limitSubject: string;
}

export interface NewApiKey {
  readonly id: string;
  readonly accountId: string;
  readonly botId: string | null;
  readonly environment: Environment;
  readonly name: string;
  readonly prefix: string;
  readonly last4: string;
  readonly secretHash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant | null;
  readonly limitSubject: string;
}

interface KeyRow {
  readonly id: string;
  readonly account_id: string;
  readonly bot_id: string | null;
  readonly environment: Environment;
  readonly name: string;
  readonly prefix: string;
  readonly last4: string | null;
  readonly scopes: string[];
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly replaced_by: string | null;
  readonly limit_subject: string;
}

const SHOWN = `id, account_id, bot_id, environment, name, prefix, last4, scopes, created_at, expires_at, revoked_at,
  last_used_at, replaced_by, coalesce(limit_subject, id) AS limit_subject`;

export async function addApiKey(tx: EntityManager, key: NewApiKey): Promise<void> {
  await tx.query(
    `INSERT INTO records.api_keys (id, account_id, bot_id, name, prefix, last4, secret_hash, scopes, expires_at,
       limit_subject, environment)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      key.id,
      key.accountId,
      key.botId,
      key.name,
      key.prefix,
      key.last4,
      key.secretHash,
      key.scopes,
      key.expiresAt === null ? null : new Date(key.expiresAt),
      key.limitSubject,
      key.environment,
    ],
  );
}

/** Locked until the transaction ends, so that of two changes the second sees the first. */
export async function findKeyToChange(tx: EntityManager, id: string): Promise<ApiKeyView | null> {
  const rows = await tx.query<KeyRow[]>(`SELECT ${SHOWN} FROM records.api_keys WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] === undefined ? null : viewOf(rows[0]);
}

/** Until the transaction ends: a key is not revoked under a change that found it alive. Null where there is none. */
export async function lockKeyLife(
  tx: EntityManager,
  id: string,
): Promise<Pick<ApiKeyView, 'expiresAt' | 'revokedAt'> | null> {
  type Row = Pick<KeyRow, 'expires_at' | 'revoked_at'>;
  const sql = 'SELECT expires_at, revoked_at FROM records.api_keys WHERE id = $1 FOR SHARE';
  const [row] = await tx.query<Row[]>(sql, [id]);
  if (row === undefined) return null;
  return { expiresAt: momentOf(row.expires_at), revokedAt: momentOf(row.revoked_at) };
}

/** Where limits of a key count, and under which name: see `limitSubject`. */
export type KeyLimits = Pick<ApiKeyView, 'limitSubject' | 'environment'>;

/** Of those that the tenant has, by their ids. */
export async function limitsOfKeys(
  tx: EntityManager,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, KeyLimits>> {
  if (keyIds.length === 0) return new Map();
  const rows = await tx.query<({ id: string } & KeyLimits)[]>(
    plannedOnce(`SELECT id, coalesce(limit_subject, id) AS "limitSubject", environment FROM records.api_keys
     WHERE id = ANY ($1)`),
    [keyIds],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Null where the tenant has no such key. */
export async function findLimitSubject(tx: EntityManager, keyId: string): Promise<string | null> {
  return (await limitsOfKeys(tx, [keyId])).get(keyId)?.limitSubject ?? null;
}

/** Null where the tenant has no such key. */
export async function environmentOfKey(tx: EntityManager, id: string): Promise<Environment | null> {
  const sql = 'SELECT environment FROM records.api_keys WHERE id = $1';
  const rows = await tx.query<{ environment: Environment }[]>(sql, [id]);
  return rows[0]?.environment ?? null;
}

export interface KeysQuery {
  /** The id of the last key seen; null begins. */
  readonly before: string | null;
  readonly limit: number;
  readonly botId?: string | undefined;
}

/** The newest first. */
export async function listApiKeys(tx: EntityManager, { before, limit, botId }: KeysQuery): Promise<ApiKeyView[]> {
  const rows = await tx.query<KeyRow[]>(
    `SELECT ${SHOWN} FROM records.api_keys
     WHERE ($1::text IS NULL OR id < $1) AND ($2::text IS NULL OR bot_id = $2) ORDER BY id DESC LIMIT $3`,
    [before, botId ?? null, limit],
  );
  return rows.map(viewOf);
}

export type KeyChange = Pick<ApiKeyView, 'name' | 'scopes' | 'expiresAt' | 'revokedAt' | 'replacedBy'>;

export async function changeApiKey(tx: EntityManager, id: string, to: KeyChange): Promise<void> {
  await tx.query(
    `UPDATE records.api_keys SET name = $2, scopes = $3, expires_at = $4, revoked_at = $5, replaced_by = $6
     WHERE id = $1`,
    [
      id,
      to.name,
      to.scopes,
      to.expiresAt === null ? null : new Date(to.expiresAt),
      to.revokedAt === null ? null : new Date(to.revokedAt),
      to.replacedBy,
    ],
  );
}

/** Of keys of any tenant, many at once; an older use than the one that is known says nothing. */
export async function noteKeysUsed(tx: EntityManager, used: ReadonlyMap<string, number>): Promise<void> {
  const at = [...used.values()].map((ms) => new Date(ms));
  await tx.query('SELECT records.note_keys_used($1, $2)', [[...used.keys()], at]);
}

function viewOf(row: KeyRow): ApiKeyView {
  return {
    id: row.id,
    accountId: row.account_id,
    botId: row.bot_id,
    environment: row.environment,
    name: row.name,
    prefix: row.prefix,
    last4: row.last4,
    scopes: row.scopes,
    createdAt: instantOfDate(row.created_at),
    expiresAt: momentOf(row.expires_at),
    revokedAt: momentOf(row.revoked_at),
    lastUsedAt: momentOf(row.last_used_at),
    replacedBy: row.replaced_by,
    limitSubject: row.limit_subject,
  };
}

function momentOf(date: Date | null): Instant | null {
  return date === null ? null : instantOfDate(date);
}
