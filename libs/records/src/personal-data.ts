// Records room. All that is kept of one person in one account, for that person to read.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { jobOfAnswer } from './texts.js';

export interface KeptText {
  readonly id: string;
  readonly purpose: string;
  /** Of an answer, and of files. */
  readonly jobId: string | null;
  /** Null for the files of a job: they are read with the job. */
  readonly body: string | null;
  readonly createdAt: Instant;
}

export interface KeptTexts {
  readonly texts: readonly KeptText[];
  readonly hasMore: boolean;
}

export interface KeptSession {
  readonly id: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** A page ends with the text that fills it up to here; a text that is larger comes alone. */
const PAGE_BYTES = 1_048_576;

// Sizes are added up before a body is read: what is not on the page is not read.
const OWN_TEXTS = `
WITH kept AS (
  SELECT id, purpose, NULL AS job_id, bytes, created_at FROM records.texts
  WHERE account_id = current_setting('fm.account', true) AND subject = $1
  UNION ALL
  SELECT 'files_' || job_id, 'files', job_id, 0, min(created_at) FROM records.workspace_trees
  WHERE account_id = current_setting('fm.account', true) AND subject = $1 GROUP BY job_id),
next AS (SELECT * FROM kept WHERE $2::text IS NULL OR id < $2 ORDER BY id DESC LIMIT $3 + 1),
page AS (
  SELECT *, row_number() OVER newest AS place, sum(bytes) OVER newest - bytes AS bytes_before, count(*) OVER () AS ahead
  FROM next WINDOW newest AS (ORDER BY id DESC))
SELECT page.id, page.purpose, page.job_id, t.body, page.created_at, page.ahead::int AS ahead
FROM page LEFT JOIN records.texts t ON t.id = page.id
WHERE page.place <= $3 AND page.bytes_before < ${PAGE_BYTES} ORDER BY page.id DESC`;

/** In the order of their ids, the last first; `before` is the last one of the page before. */
export async function readOwnTexts(
  tx: EntityManager,
  subject: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<KeptTexts> {
  type Row = {
    id: string;
    purpose: string;
    job_id: string | null;
    body: string | null;
    created_at: Date;
    ahead: number;
  };
  const rows = await tx.query<Row[]>(OWN_TEXTS, [subject, page.before, page.limit]);
  const texts = rows.map(({ id, purpose, job_id: jobId, body, created_at: createdAt }) => ({
    id,
    purpose,
    jobId: jobId ?? jobOfAnswer(id),
    body,
    createdAt: instantOfDate(createdAt),
  }));
  return { texts, hasMore: (rows[0]?.ahead ?? 0) > rows.length };
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
