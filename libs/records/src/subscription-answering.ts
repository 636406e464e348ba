// Records room. Who answers for a subscription now: the bot of a visitor's may have moved since it began, and the plan
// with it; a visitor may be gone.
import type { AccountStatus, SubscriptionSubject } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface Answering {
  readonly accountId: string;
  /** A visitor who is forgotten renews as little as a closed account. */
  readonly status: AccountStatus;
  /** Of a visitor's plan: the bot takes no new requests. */
  readonly isArchived: boolean;
}

interface AnsweringRow {
  readonly account_id: string;
  readonly status: AccountStatus;
  readonly archived: boolean;
}

const OF_ACCOUNT = `SELECT a.id AS account_id, a.status, false AS archived FROM records.accounts a WHERE a.id = $1`;
const OF_BOT = `SELECT a.id AS account_id, b.archived_at IS NOT NULL AS archived,
  CASE WHEN v.deleted_at IS NULL THEN a.status ELSE 'closed' END AS status
FROM records.bots b JOIN records.accounts a ON a.id = b.account_id LEFT JOIN records.visitors v ON v.id = $2
WHERE b.id = $1`;

/** Null where the tenant has no such account or bot. */
export async function readAnswering(tx: EntityManager, subject: SubscriptionSubject): Promise<Answering | null> {
  const [row] = await (subject.kind === 'account'
    ? tx.query<AnsweringRow[]>(OF_ACCOUNT, [subject.accountId])
    : tx.query<AnsweringRow[]>(OF_BOT, [subject.botId, subject.visitorId]));
  return row === undefined ? null : { accountId: row.account_id, status: row.status, isArchived: row.archived };
}
