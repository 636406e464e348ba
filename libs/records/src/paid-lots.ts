// Records room. Which lots a payment of a subscription was for: they stand as long as it does.
import type { Holder, Instant, LotKind, SubscriptionSubject } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { readAccountStatus } from './accounts.js';
import { scopeOf } from './subscription-payments.js';

export interface PaidLot {
  /** As its grant named it. */
  readonly sourceRef: string;
  readonly kind: LotKind;
  readonly validFrom: Instant;
  readonly periodStart: Instant | null;
  readonly expiresAt: Instant | null;
  /** `replaced`: it was taken back, and others were given for it since. `due`: not yet for what a job still holds. */
  readonly state: 'given' | 'taken' | 'due' | 'replaced';
}

interface PaidLotRow {
  readonly source_ref: string;
  readonly kind: LotKind;
  readonly valid_from: Date;
  readonly period_start: Date | null;
  readonly expires_at: Date | null;
  readonly state: PaidLot['state'];
}

/** Once for each lot. The payment is locked. */
export async function notePaidLot(tx: EntityManager, paymentId: string, lot: PaidLot): Promise<void> {
  const dateOf = (at: Instant | null): Date | null => (at === null ? null : new Date(at));
  await tx.query(
    `INSERT INTO records.subscription_payment_lots (payment_id, source_ref, kind, valid_from, period_start, expires_at,
       state) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (payment_id, source_ref) DO UPDATE SET state = excluded.state`,
    [
      paymentId,
      lot.sourceRef,
      lot.kind,
      dateOf(lot.validFrom),
      dateOf(lot.periodStart),
      dateOf(lot.expiresAt),
      lot.state,
    ],
  );
}

export async function readPaidLots(tx: EntityManager, paymentId: string): Promise<PaidLot[]> {
  const rows = await tx.query<PaidLotRow[]>(
    `SELECT source_ref, kind, valid_from, period_start, expires_at, state FROM records.subscription_payment_lots
     WHERE payment_id = $1 ORDER BY valid_from, source_ref`,
    [paymentId],
  );
  return rows.map((row) => ({
    sourceRef: row.source_ref,
    kind: row.kind,
    validFrom: instantOfDate(row.valid_from),
    periodStart: row.period_start === null ? null : instantOfDate(row.period_start),
    expiresAt: row.expires_at === null ? null : instantOfDate(row.expires_at),
    state: row.state,
  }));
}

/** It went back before it began: no payment is for it any more. */
export async function forgetPaidLot(tx: EntityManager, subject: SubscriptionSubject, sourceRef: string): Promise<void> {
  await tx.query(
    `DELETE FROM records.subscription_payment_lots l USING records.subscription_payments p
     WHERE p.id = l.payment_id AND p.scope_id = $1 AND l.source_ref = $2`,
    [scopeOf(subject), sourceRef],
  );
}

/** What one payment was for is what another one is for now. */
export async function handOnPaidLots(
  tx: EntityManager,
  { from, to, states }: { readonly from: string; readonly to: string; readonly states: readonly PaidLot['state'][] },
): Promise<void> {
  await tx.query(
    'UPDATE records.subscription_payment_lots SET payment_id = $2 WHERE payment_id = $1 AND state = ANY ($3)',
    [from, to, states],
  );
}

/** Paid ones, some of whose credits a job still held when the others were given back. */
export async function readPaymentsWithDueLots(tx: EntityManager, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    `SELECT DISTINCT p.id FROM records.subscription_payment_lots l
     JOIN records.subscription_payments p ON p.id = l.payment_id
     WHERE l.state = 'due' AND p.state = 'paid' ORDER BY p.id LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Whoever the credits of a subscription are for; the visitor is held as it stands. */
export async function readHolderOf(tx: EntityManager, subject: SubscriptionSubject): Promise<Holder> {
  const { accountId } = subject;
  if (subject.kind === 'end_user') {
    const [visitor] = await tx.query<{ is_deleted: boolean }[]>(
      'SELECT deleted_at IS NOT NULL AS is_deleted FROM records.visitors WHERE id = $1 FOR SHARE',
      [subject.visitorId],
    );
    if (visitor?.is_deleted !== false) return 'forgotten';
  }
  return (await readAccountStatus(tx, accountId)) === 'closed' ? 'closed' : 'there';
}
