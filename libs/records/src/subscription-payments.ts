// Records room. Payments of subscriptions: what was asked for, of whom, and where it stands.
import type {
  Instant,
  PlanPrice,
  PlanRef,
  SubscriptionPaymentState,
  StandingByReference,
  SubscriptionSubject,
  WhyPaid,
} from '@fairmeter/domain';
import { accountScope, endUserScope, instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** A key is unique among the payments of its subscription. */
export interface SubscriptionPaymentKey {
  readonly subject: SubscriptionSubject;
  readonly key: string;
}

export interface SubscriptionPaymentOrder extends SubscriptionPaymentKey {
  readonly id: string;
  readonly plan: PlanRef;
  readonly price: PlanPrice;
  readonly why: WhyPaid;
  /** The key of the one that was taken back, in whose place it is. */
  readonly replaces: string | null;
}

export interface SubscriptionPayment extends SubscriptionPaymentOrder {
  /** As whoever pays is shown it. */
  readonly planName: string;
  readonly state: SubscriptionPaymentState;
  /** False once it was dropped, and where whose it is was forgotten. */
  readonly isWanted: boolean;
  /** Null until somebody was asked for the money. */
  readonly provider: string | null;
  /** The last checkout that was opened for it. */
  readonly checkoutRef: string | null;
  /** Where it can be paid, while it can. */
  readonly checkoutUrl: string | null;
  /** How many checkouts were opened for it, one after the other. */
  readonly pages: number;
  readonly paymentRef: string | null;
  readonly placedAt: Instant;
}

interface PaymentRow {
  readonly id: string;
  readonly account_id: string;
  readonly bot_id: string | null;
  readonly visitor_id: string | null;
  readonly key: string;
  readonly why: SubscriptionPayment['why'];
  readonly plan_id: string;
  readonly plan_version: number;
  readonly plan_name: string;
  readonly price_minor: string;
  readonly currency: string;
  readonly state: SubscriptionPaymentState;
  readonly provider: string | null;
  readonly checkout_ref: string | null;
  readonly checkout_url: string | null;
  readonly pages: number;
  readonly payment_ref: string | null;
  readonly is_wanted: boolean;
  readonly replaces: string | null;
  readonly created_at: Date;
}

const COLUMNS = `p.id, p.account_id, p.bot_id, p.visitor_id, p.key, p.why, p.plan_id, p.plan_version,
  (SELECT l.name FROM records.plans l WHERE l.id = p.plan_id AND l.version = p.plan_version) AS plan_name,
  p.price_minor::text, p.currency, p.state, p.provider, p.checkout_ref, p.checkout_url, p.pages,
  p.payment_ref, p.replaces, p.created_at,
  p.dropped_at IS NULL AND NOT EXISTS (
    SELECT FROM records.visitors v WHERE v.id = p.visitor_id AND v.deleted_at IS NOT NULL) AS is_wanted`;
const PAYMENT = `SELECT ${COLUMNS} FROM records.subscription_payments p`;

export function scopeOf(subject: SubscriptionSubject): string {
  return subject.kind === 'account' ? accountScope(subject.accountId) : endUserScope(subject.botId, subject.visitorId);
}

/** Once per key; asked again, what was placed before. */
export async function placeSubscriptionPayment(
  tx: EntityManager,
  order: SubscriptionPaymentOrder,
): Promise<SubscriptionPayment> {
  const { subject, plan, price } = order;
  const { botId, visitorId } = subject.kind === 'end_user' ? subject : { botId: null, visitorId: null };
  await tx.query(
    `INSERT INTO records.subscription_payments (id, account_id, bot_id, visitor_id, scope_id, key, why, plan_id,
       plan_version, price_minor, currency, replaces)
     VALUES ($1, coalesce((SELECT b.account_id FROM records.bots b WHERE b.id = $3), $2), $3, $4, $5, $6, $7, $8, $9,
       $10, $11, $12) ON CONFLICT (scope_id, key) DO NOTHING`,
    [
      order.id,
      subject.accountId,
      botId,
      visitorId,
      scopeOf(subject),
      order.key,
      order.why,
      plan.planId,
      plan.version,
      price.minor.toString(),
      price.currency,
      order.replaces,
    ],
  );
  const placed = await readSubscriptionPayment(tx, order);
  if (placed === null) throw new Error('a payment was asked for and is not there to read');
  return placed;
}

export async function readSubscriptionPayment(
  tx: EntityManager,
  { subject, key }: SubscriptionPaymentKey,
): Promise<SubscriptionPayment | null> {
  return one(await tx.query<PaymentRow[]>(`${PAYMENT} WHERE p.scope_id = $1 AND p.key = $2`, [scopeOf(subject), key]));
}

/** Held for the transaction: what becomes of one payment is written one by one. By its id, or its provider's name. */
export async function lockSubscriptionPayment(
  tx: EntityManager,
  { id, paymentRef }: { readonly id?: string | undefined; readonly paymentRef?: string | undefined },
): Promise<SubscriptionPayment | null> {
  return one(
    await tx.query<PaymentRow[]>(
      `${PAYMENT} WHERE p.id = $1 OR p.payment_ref = $2 ORDER BY p.id = $1 DESC LIMIT 1 FOR UPDATE OF p`,
      [id ?? null, paymentRef ?? null],
    ),
  );
}

/** The same, by its subscription's name for it. */
export async function lockPaymentByKey(
  tx: EntityManager,
  { subject, key }: SubscriptionPaymentKey,
): Promise<SubscriptionPayment | null> {
  return one(
    await tx.query<PaymentRow[]>(`${PAYMENT} WHERE p.scope_id = $1 AND p.key = $2 FOR UPDATE OF p`, [
      scopeOf(subject),
      key,
    ]),
  );
}

/** How the last one was paid that still is: what it was paid with may be charged again. */
export async function readLastPaidRef(
  tx: EntityManager,
  { subject, provider }: { readonly subject: SubscriptionSubject; readonly provider: string },
): Promise<string | null> {
  const [row] = await tx.query<{ payment_ref: string }[]>(
    `SELECT payment_ref FROM records.subscription_payments
     WHERE scope_id = $1 AND provider = $2 AND state = 'paid' AND payment_ref IS NOT NULL
     ORDER BY created_at DESC LIMIT 1`,
    [scopeOf(subject), provider],
  );
  return row?.payment_ref ?? null;
}

export interface AskedOf {
  readonly provider: string;
  readonly page: { readonly no: number; readonly checkoutRef: string; readonly url: string | null } | null;
  /** Of a charge that is still on its way. */
  readonly paymentRef: string | null;
}

/** Who was asked for the money, and where it may be paid; from now on it is looked at. */
export async function saveAsked(tx: EntityManager, id: string, { provider, page, paymentRef }: AskedOf): Promise<void> {
  await tx.query(
    `UPDATE records.subscription_payments SET provider = $2, pages = greatest(pages, $3),
       checkout_ref = coalesce($4, checkout_ref), payment_ref = coalesce(payment_ref, $6),
       checkout_url = CASE WHEN state IN ('open', 'failed') THEN coalesce($5, checkout_url) END,
       look_at = clock_timestamp() + ${pauseAfter('looks')}, changed_at = clock_timestamp()
     WHERE id = $1`,
    [id, provider, page?.no ?? 0, page?.checkoutRef ?? null, page?.url ?? null, paymentRef],
  );
}

export async function saveDropped(tx: EntityManager, id: string): Promise<void> {
  await tx.query(
    `UPDATE records.subscription_payments SET dropped_at = coalesce(dropped_at, clock_timestamp()) WHERE id = $1`,
    [id],
  );
}

export async function saveSubscriptionPayment(
  tx: EntityManager,
  id: string,
  { state, owesBack, paymentRef }: Pick<StandingByReference, 'state' | 'owesBack' | 'paymentRef'>,
): Promise<void> {
  await tx.query(
    `UPDATE records.subscription_payments SET state = $2, payment_ref = coalesce($3, payment_ref),
       look_at = CASE WHEN $4 THEN coalesce(look_at, clock_timestamp() + ${pauseAfter('looks')}) ELSE look_at END,
       checkout_url = CASE WHEN $2 IN ('open', 'failed') THEN checkout_url END, changed_at = clock_timestamp()
     WHERE id = $1`,
    [id, state, paymentRef, owesBack],
  );
}

/** Its page is over, or its charge: the next look finds another way, and comes soon. */
export async function saveLookedAtSoon(tx: EntityManager, id: string): Promise<void> {
  await tx.query(
    `UPDATE records.subscription_payments SET look_at = clock_timestamp() WHERE id = $1 AND look_at IS NOT NULL`,
    [id],
  );
}

/** Of one that nobody waits for: no money of it is on its way, and none is to go back. */
export async function saveOver(tx: EntityManager, id: string): Promise<void> {
  await tx.query(`UPDATE records.subscription_payments SET look_at = NULL WHERE id = $1`, [id]);
}

/** Whose it is was forgotten after it was paid, and nobody dropped it: it was used, and its money is ours. */
export async function wasPaidBeforeForgotten(tx: EntityManager, id: string): Promise<boolean> {
  const found = await tx.query<unknown[]>(
    `SELECT p.id FROM records.subscription_payments p
     JOIN records.visitors v ON v.id = p.visitor_id
     JOIN records.payment_events e ON e.subscription_payment_id = p.id
     WHERE p.id = $1 AND p.dropped_at IS NULL AND e.news <> 'failed' AND e.heard_at <= v.deleted_at LIMIT 1`,
    [id],
  );
  return found.length > 0;
}

/** News of a payment usually comes by itself: soon at first, then less often. */
const LOOKS = 'ARRAY[1, 4, 10, 45, 180, 600]';

function pauseAfter(looks: string): string {
  return `(${LOOKS})[least(${looks} + 1, cardinality(${LOOKS}))] * interval '1 minute'`;
}

/**
 * Some that have not been paid and were not looked at for a while, each for one process: whoever dies over it leaves it
 * to the next look. One that was dropped is among them until no money of it can come any more.
 */
export async function takePaymentsToLookAt(tx: EntityManager, limit: number): Promise<SubscriptionPayment[]> {
  const [rows] = await tx.query<[PaymentRow[], number]>(
    `UPDATE records.subscription_payments p SET looks = looks + 1,
       look_at = clock_timestamp() + ${pauseAfter('looks + 1')}
     WHERE p.id IN (SELECT id FROM records.subscription_payments
       WHERE state IN ('open', 'failed', 'dropped') AND look_at <= clock_timestamp()
       ORDER BY look_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING ${COLUMNS}`,
    [limit],
  );
  return rows.map(paymentOf);
}

function one([row]: readonly PaymentRow[]): SubscriptionPayment | null {
  return row === undefined ? null : paymentOf(row);
}

function paymentOf(row: PaymentRow): SubscriptionPayment {
  return {
    id: row.id,
    subject: subjectOf(row),
    key: row.key,
    plan: { planId: row.plan_id, version: row.plan_version },
    planName: row.plan_name,
    price: { minor: BigInt(row.price_minor), currency: row.currency },
    why: row.why,
    replaces: row.replaces,
    state: row.state,
    isWanted: row.is_wanted,
    provider: row.provider,
    checkoutRef: row.checkout_ref,
    checkoutUrl: row.checkout_url,
    pages: row.pages,
    paymentRef: row.payment_ref,
    placedAt: instantOfDate(row.created_at),
  };
}

function subjectOf({ account_id: accountId, bot_id: botId, visitor_id: visitorId }: PaymentRow): SubscriptionSubject {
  if (botId === null || visitorId === null) return { kind: 'account', accountId };
  return { kind: 'end_user', accountId, botId, visitorId };
}
