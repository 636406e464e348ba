// Records room. What was heard of payments: each event once, kept also where it means no purchase yet, and for good,
// since what a purchase stands at follows from all of them together.
import type { HeardNews, HeardUnderReference, PaymentEventNews } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface HeardPayment {
  readonly provider: string;
  readonly eventId: string;
  readonly news: PaymentEventNews;
  readonly purchaseId?: string | undefined;
  readonly subscriptionPaymentId?: string | undefined;
  readonly paymentRef?: string | undefined;
  readonly disputeRef?: string | undefined;
  readonly refundRef?: string | undefined;
  /** By the provider's clock, in milliseconds. */
  readonly at?: number | undefined;
}

/**
 * Held for the transaction: news of one payment, and of one purchase, is taken one by one. Null where no purchase is
 * meant that we know of.
 */
export async function lockPurchase(
  tx: EntityManager,
  { purchaseId, paymentRef }: Pick<HeardPayment, 'purchaseId' | 'paymentRef'>,
): Promise<string | null> {
  await lockReference(tx, paymentRef);
  const [row] = await tx.query<{ id: string }[]>(
    'SELECT id FROM records.purchases WHERE id = $1 OR payment_ref = $2 ORDER BY id LIMIT 1 FOR UPDATE',
    [purchaseId ?? null, paymentRef ?? null],
  );
  return row?.id ?? null;
}

/** Two that tell of one payment at once must not miss each other: one of them may be what tells whose it is. */
export async function lockReference(tx: EntityManager, paymentRef: string | undefined): Promise<void> {
  if (paymentRef === undefined) return;
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`payment/${paymentRef}`]);
}

/** Whose payment is told of: one of both, or nobody's that we know of yet. */
export type PaidThing = 'purchase_id' | 'subscription_payment_id';

export async function noteHeard(
  tx: EntityManager,
  heard: HeardPayment,
  of: { readonly what: PaidThing; readonly id: string } | null,
): Promise<void> {
  const idOf = (what: PaidThing): string | null => (of?.what === what ? of.id : null);
  await tx.query(
    `INSERT INTO records.payment_events
       (provider, event_id, news, purchase_id, subscription_payment_id, payment_ref, dispute_ref, refund_ref,
       told_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (provider, event_id) DO NOTHING`,
    [
      heard.provider,
      heard.eventId,
      heard.news,
      idOf('purchase_id'),
      idOf('subscription_payment_id'),
      heard.paymentRef ?? null,
      heard.disputeRef ?? null,
      heard.refundRef ?? null,
      heard.at === undefined ? null : new Date(heard.at),
    ],
  );
}

/** Something that was told, by its names. */
export type HeardBefore = Pick<HeardPayment, 'eventId' | 'news'> & {
  readonly paymentRef: string | null;
  readonly refundRef: string | null;
};

/** What was heard under this reference before anybody knew whose it is: from now on it is known. */
export async function matchHeard(
  tx: EntityManager,
  { what, id }: { readonly what: PaidThing; readonly id: string },
  paymentRef: string,
): Promise<readonly HeardBefore[]> {
  const [rows] = await tx.query<[HeardBefore[], number]>(
    `UPDATE records.payment_events SET ${what} = $1
     WHERE payment_ref = $2 AND purchase_id IS NULL AND subscription_payment_id IS NULL
     RETURNING event_id AS "eventId", news, payment_ref AS "paymentRef", refund_ref AS "refundRef"`,
    [id, paymentRef],
  );
  return rows;
}

/** That one try failed is no news of a purchase: it waits for another. */
export async function readHeard(tx: EntityManager, purchaseId: string): Promise<HeardNews[]> {
  return tx.query<HeardNews[]>(
    `SELECT news, dispute_ref AS dispute, refund_ref AS refund, provider || '/' || event_id AS event,
       (extract(epoch FROM coalesce(told_at, heard_at)) * 1000)::float8 AS at
     FROM records.payment_events WHERE purchase_id = $1 AND news <> 'failed'`,
    [purchaseId],
  );
}

/** In the order in which it was heard; a refund that failed is for a person, and changes nothing by itself. */
export async function readHeardOfSubscription(tx: EntityManager, paymentId: string): Promise<HeardUnderReference[]> {
  return tx.query<HeardUnderReference[]>(
    `SELECT news, dispute_ref AS dispute, payment_ref AS "paymentRef" FROM records.payment_events
     WHERE subscription_payment_id = $1 AND news <> 'refund_failed' ORDER BY heard_at, event_id`,
    [paymentId],
  );
}
