// Records room. All that is kept of one person in one account, for that person to read.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface KeptText {
  readonly id: string;
  readonly purpose: string;
  readonly body: string;
  readonly createdAt: Instant;
}

export interface KeptSession {
  readonly id: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** In the order of their ids; `before` is the last one of the page before. */
export async function readOwnTexts(
  tx: EntityManager,
  subject: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<KeptText[]> {
  type Row = { id: string; purpose: string; body: string; created_at: Date };
  const rows = await tx.query<Row[]>(
    `SELECT id, purpose, body, created_at FROM records.texts
     WHERE account_id = current_setting('fm.account', true) AND subject = $1 AND ($2::text IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3`,
    [subject, page.before, page.limit],
  );
  return rows.map(({ created_at: createdAt, ...text }) => ({ ...text, createdAt: instantOfDate(createdAt) }));
}

export async function readOwnSessions(tx: EntityManager, userId: string): Promise<KeptSession[]> {
  const rows = await tx.query<{ id: string; created_at: Date; expires_at: Date }[]>(
    'SELECT id, created_at, expires_at FROM records.sessions WHERE user_id = $1 ORDER BY id',
    [userId],
  );
  return rows.map(({ id, created_at: createdAt, expires_at: expiresAt }) => ({
    id,
    createdAt: instantOfDate(createdAt),
    expiresAt: instantOfDate(expiresAt),
  }));
}
