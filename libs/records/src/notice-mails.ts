// Records room. Mails of announcements on their way, and the accounts whose resets somebody wants to hear of: each is
// taken by one process at a time.
import type { AnnouncedNotice, Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { NoticeFacts, NoticeLanguage } from './announcements.js';

export interface DueMail {
  /** Of the announcement. */
  readonly id: string;
  readonly type: AnnouncedNotice;
  readonly facts: NoticeFacts;
  readonly language: NoticeLanguage;
  readonly tries: number;
  /** Null where whoever was to be told has none, was forgotten, or is of this account no more. */
  readonly address: string | null;
  /** When it was announced. */
  readonly at: Instant;
}

type DueRow = Omit<DueMail, 'at'> & { readonly at: Date };

const DUE_MAIL = `SELECT a.id, a.type, a.facts, a.language, a.at, m.tries, CASE a.mail_to
    WHEN 'owner' THEN (SELECT u.email FROM records.memberships o JOIN records.users u ON u.id = o.user_id
      WHERE o.account_id = a.account_id AND o.role = 'owner' AND o.removed_at IS NULL AND u.email IS NOT NULL
      ORDER BY o.joined_at, u.id LIMIT 1)
    WHEN 'person' THEN (SELECT u.email FROM records.users u JOIN records.memberships p ON p.user_id = u.id
      WHERE u.id = a.mail_ref AND p.account_id = a.account_id AND p.removed_at IS NULL)
    ELSE (SELECT t.body FROM records.texts t WHERE t.id = a.mail_ref AND t.account_id = a.account_id) END AS address
  FROM records.notice_mails m JOIN records.announcements a ON a.id = m.announcement_id
  WHERE m.state = 'open' AND m.due_at <= $1 ORDER BY m.due_at LIMIT 1 FOR UPDATE OF m SKIP LOCKED`;

/** The one that is due longest, for as long as the transaction lasts. */
export async function takeDueMail(tx: EntityManager, now: Instant): Promise<DueMail | null> {
  const [row] = await tx.query<DueRow[]>(DUE_MAIL, [new Date(now).toISOString()]);
  return row === undefined ? null : { ...row, at: instantOfDate(row.at) };
}

export async function noteMailSent(tx: EntityManager, id: string): Promise<void> {
  await tx.query(
    `UPDATE records.notice_mails SET state = 'sent', tries = tries + 1, problem = NULL, sent_at = clock_timestamp()
     WHERE announcement_id = $1`,
    [id],
  );
}

/** `nextAt`: null where it is not tried any more. */
export async function noteMailProblem(
  tx: EntityManager,
  id: string,
  { problem, nextAt }: { readonly problem: string; readonly nextAt: Instant | null },
): Promise<void> {
  await tx.query(
    `UPDATE records.notice_mails SET tries = tries + 1, problem = $2,
       state = CASE WHEN $3::timestamptz IS NULL THEN 'dropped' ELSE state END, due_at = coalesce($3, due_at)
     WHERE announcement_id = $1`,
    [id, problem, nextAt === null ? null : new Date(nextAt).toISOString()],
  );
}

export interface WatchQuery {
  readonly now: Instant;
  readonly limit: number;
}

/** Accounts that asked to hear of resets and may have had one: those first that are due longest. */
export async function dueResetWatches(tx: EntityManager, { now, limit }: WatchQuery): Promise<string[]> {
  const rows = await tx.query<{ account_id: string }[]>(
    `SELECT account_id FROM records.reset_watches WHERE look_at <= $1 ORDER BY look_at LIMIT $2`,
    [new Date(now).toISOString(), limit],
  );
  return rows.map(({ account_id: accountId }) => accountId);
}

/** For as long as the transaction lasts; false where it is in hand elsewhere, or not due any more. */
export async function takeResetWatch(tx: EntityManager, accountId: string, now: Instant): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `SELECT FROM records.reset_watches WHERE account_id = $1 AND look_at <= $2 FOR UPDATE SKIP LOCKED`,
    [accountId, new Date(now).toISOString()],
  );
  return rows.length > 0;
}

/** Null: nobody there wants to hear of it any more. */
export async function saveResetWatch(tx: EntityManager, accountId: string, lookAt: Instant | null): Promise<void> {
  if (lookAt === null) await tx.query('DELETE FROM records.reset_watches WHERE account_id = $1', [accountId]);
  else {
    await tx.query('UPDATE records.reset_watches SET look_at = $2 WHERE account_id = $1', [
      accountId,
      new Date(lookAt).toISOString(),
    ]);
  }
}
