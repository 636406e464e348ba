// Records room. What an account is told, written by whoever changes the fact and in the same transaction: from the row
// alone it is listed, sent to the account's webhooks and mailed.
import type { AnnouncedNotice, Instant, JsonValue, NoticeType } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

/** Who is mailed, if anybody: `ref` is a text under the writer's subject that holds an address of no user of ours. */
export type MailTo =
  | { readonly to: 'owner' }
  | { readonly to: 'person'; readonly userId: string }
  | { readonly to: 'address'; readonly ref: string };

export const NOTICE_LANGUAGES = ['en', 'de'] as const;
export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number];

/** Ids, figures, instants, in snake_case; amounts as decimal strings of credits. Never words or addresses of people. */
export type NoticeFacts = Readonly<Record<string, JsonValue>>;

export interface Announcement {
  readonly accountId: string;
  /** Whom it concerns, where that is a visitor: shown to that visitor as well. */
  readonly visitor: { readonly botId: string; readonly visitorId: string } | null;
  readonly type: AnnouncedNotice;
  /** The id of the thing that changed. */
  readonly about: string;
  readonly facts: NoticeFacts;
  /** Said once for the account under this key; without one, as often as it is announced. */
  readonly onceKey?: string;
  readonly mailTo?: MailTo;
  /** Of the mail; English unless said. */
  readonly language?: NoticeLanguage;
}

const ANNOUNCE = `INSERT INTO records.announcements
  (id, account_id, bot_id, visitor_id, type, about, facts, once_key, mail_to, mail_ref, language)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (account_id, once_key) DO NOTHING RETURNING id`;

/**
 * The last thing in its transaction: until the commit nothing else is announced in that account, so that the numbers
 * are in the order of the commits. Whoever announces in several accounts takes them in the order of their ids. False
 * where it was said before under its key.
 */
export async function announce(tx: EntityManager, news: Announcement): Promise<boolean> {
  const { visitor, mailTo } = news;
  const rows = await tx.query<{ id: string }[]>(ANNOUNCE, [
    newId('ntc'),
    news.accountId,
    visitor?.botId ?? null,
    visitor?.visitorId ?? null,
    news.type,
    news.about,
    JSON.stringify(news.facts),
    news.onceKey ?? null,
    mailTo?.to ?? null,
    mailTo === undefined ? null : refOfMail(mailTo),
    news.language ?? 'en',
  ]);
  return rows.length > 0;
}

function refOfMail(mailTo: MailTo): string | null {
  switch (mailTo.to) {
    case 'owner':
      return null;
    case 'person':
      return mailTo.userId;
    case 'address':
      return mailTo.ref;
  }
}

export interface Notice {
  readonly id: string;
  readonly seq: bigint;
  readonly type: NoticeType;
  readonly about: string;
  readonly facts: NoticeFacts;
  readonly visitor: Announcement['visitor'];
  readonly at: Instant;
}

export interface NoticeQuery {
  readonly accountId: string;
  /** The number of the last notice seen; null begins with the newest. */
  readonly before: bigint | null;
  readonly limit: number;
}

interface NoticeRow {
  readonly id: string;
  readonly seq: string;
  readonly type: NoticeType;
  readonly about: string;
  readonly facts: NoticeFacts;
  readonly bot_id: string | null;
  readonly visitor_id: string | null;
  readonly at: Date;
}

/** The newest first. */
export async function readNotices(tx: EntityManager, query: NoticeQuery): Promise<Notice[]> {
  const rows = await tx.query<NoticeRow[]>(
    `SELECT id, seq::text, type, about, facts, bot_id, visitor_id, at FROM records.announcements
     WHERE account_id = $1 AND ($2::bigint IS NULL OR seq < $2) ORDER BY seq DESC LIMIT $3`,
    [query.accountId, query.before?.toString() ?? null, query.limit],
  );
  return rows.map(({ bot_id: botId, visitor_id: visitorId, seq, at, ...row }) => ({
    ...row,
    seq: BigInt(seq),
    visitor: botId === null || visitorId === null ? null : { botId, visitorId },
    at: instantOfDate(at),
  }));
}
