// Records room. The subscriptions of one account that have not ended: its own, and those of visitors at its bots.
import type { SubscriptionSubject } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface LivingSubscriptions {
  readonly subjects: readonly SubscriptionSubject[];
  /** Where the next page begins; null behind the last one. */
  readonly last: string | null;
}

interface LivingRow {
  readonly subject_id: string;
  readonly bot_id: string | null;
  readonly visitor_id: string | null;
}

/** One that was ordered and is not paid yet has no plan, and has not ended either. */
const LIVING = `SELECT subject_id, bot_id, visitor_id FROM records.subscriptions
WHERE account_id = $1 AND subject_id > $2 AND (state <> 'ended' OR written ->> 'order' IS NOT NULL)
ORDER BY subject_id LIMIT $3`;

export async function readLivingSubscriptions(
  tx: EntityManager,
  accountId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<LivingSubscriptions> {
  const rows = await tx.query<LivingRow[]>(LIVING, [accountId, after ?? '', limit]);
  return {
    subjects: rows.map(({ bot_id: botId, visitor_id: visitorId }) =>
      botId === null || visitorId === null
        ? { kind: 'account', accountId }
        : { kind: 'end_user', accountId, botId, visitorId },
    ),
    last: rows.length < limit ? null : (rows.at(-1)?.subject_id ?? null),
  };
}
