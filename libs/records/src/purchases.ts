// Records room. Purchases: what was ordered, at which price, and what became of its payment.
import type { LotKind, MicroCredits, PaymentNews, PurchaseState } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface Price {
  /** In the smallest coin of its currency. */
  readonly minor: bigint;
  /** ISO 4217, lower case. */
  readonly currency: string;
}

export interface Product {
  readonly id: string;
  readonly kind: 'bundle' | 'pack';
  /** The bot whose visitors may buy it; null for what an account buys for itself. */
  readonly botId: string | null;
  readonly credits: MicroCredits;
  readonly price: Price;
  readonly offered: boolean;
}

interface ProductRow {
  readonly id: string;
  readonly kind: Product['kind'];
  readonly bot_id: string | null;
  readonly credits: string;
  readonly price_minor: string;
  readonly currency: string;
  readonly offered: boolean;
}

const PRODUCT = 'id, kind, bot_id, credits::text, price_minor::text, currency, offered';

/** What is offered now: to the account itself, or to the visitors of one bot. */
export async function readOffers(tx: EntityManager, botId: string | null): Promise<Product[]> {
  const rows = await tx.query<ProductRow[]>(
    `SELECT ${PRODUCT} FROM records.products WHERE offered AND bot_id IS NOT DISTINCT FROM $1 ORDER BY credits, id`,
    [botId],
  );
  return rows.map(productOf);
}

export async function findProduct(tx: EntityManager, id: string): Promise<Product | null> {
  const [row] = await tx.query<ProductRow[]>(`SELECT ${PRODUCT} FROM records.products WHERE id = $1`, [id]);
  return row === undefined ? null : productOf(row);
}

function productOf({ id, kind, bot_id: botId, credits, price_minor: minor, currency, offered }: ProductRow): Product {
  return {
    id,
    kind,
    botId,
    credits: parseMicroCredits(credits),
    price: { minor: BigInt(minor), currency },
    offered,
  };
}

export interface PurchaseOrder {
  readonly id: string;
  readonly accountId: string;
  readonly buyerId: string;
  /** Whose credits they become. */
  readonly scopeId: string;
  readonly product: Product;
  readonly keyHash: string;
  readonly bodyHash: string;
}

export interface Purchase {
  readonly id: string;
  readonly accountId: string;
  readonly buyerId: string;
  readonly scopeId: string;
  readonly productId: string;
  readonly lotKind: Extract<LotKind, 'bundle' | 'eu_pack'>;
  readonly credits: MicroCredits;
  readonly price: Price;
  readonly state: PurchaseState;
  readonly provider: string | null;
  readonly checkoutRef: string | null;
  readonly checkoutUrl: string | null;
  readonly lotId: string | null;
  /** How often its credits were given: again after a dispute that was won. */
  readonly grants: number;
  readonly bodyHash: string;
  readonly createdAt: Date;
}

interface PurchaseRow {
  readonly id: string;
  readonly account_id: string;
  readonly buyer_id: string;
  readonly scope_id: string;
  readonly product_id: string;
  readonly lot_kind: Purchase['lotKind'];
  readonly credits: string;
  readonly price_minor: string;
  readonly currency: string;
  readonly state: PurchaseState;
  readonly provider: string | null;
  readonly checkout_ref: string | null;
  readonly checkout_url: string | null;
  readonly lot_id: string | null;
  readonly grants: number;
  readonly body_hash: string;
  readonly created_at: Date;
}

const PURCHASE = `SELECT id, account_id, buyer_id, scope_id, product_id, lot_kind, credits::text, price_minor::text,
  currency, state, provider, checkout_ref, checkout_url, lot_id, grants, body_hash, created_at FROM records.purchases`;

/** The same key again is the same order: the first one stands. */
export async function placeOrder(tx: EntityManager, order: PurchaseOrder): Promise<Purchase> {
  const { product } = order;
  await tx.query(
    `INSERT INTO records.purchases
       (id, account_id, buyer_id, scope_id, product_id, lot_kind, credits, price_minor, currency, key_hash, body_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (key_hash) DO NOTHING`,
    [
      order.id,
      order.accountId,
      order.buyerId,
      order.scopeId,
      product.id,
      product.kind === 'bundle' ? 'bundle' : 'eu_pack',
      product.credits.toString(),
      product.price.minor.toString(),
      product.price.currency,
      order.keyHash,
      order.bodyHash,
    ],
  );
  const placed = await findByKey(tx, order.keyHash);
  if (placed === null) throw new Error('an order was placed and is not there to read');
  return placed;
}

export async function findByKey(tx: EntityManager, keyHash: string): Promise<Purchase | null> {
  return one(await tx.query<PurchaseRow[]>(`${PURCHASE} WHERE key_hash = $1`, [keyHash]));
}

export async function findPurchase(tx: EntityManager, id: string): Promise<Purchase | null> {
  return one(await tx.query<PurchaseRow[]>(`${PURCHASE} WHERE id = $1`, [id]));
}

export interface PurchasesPage {
  readonly before: string | null;
  readonly limit: number;
}

/** The newest first, of one buyer or of the account itself. */
export async function readPurchases(
  tx: EntityManager,
  scopeId: string,
  { before, limit }: PurchasesPage,
): Promise<Purchase[]> {
  const rows = await tx.query<PurchaseRow[]>(
    `${PURCHASE} WHERE scope_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [scopeId, before, limit],
  );
  return rows.map(purchaseOf);
}

export interface OpenedCheckout {
  readonly provider: string;
  readonly checkoutRef: string;
  readonly url: string | null;
}

export async function saveCheckout(tx: EntityManager, purchaseId: string, checkout: OpenedCheckout): Promise<void> {
  await tx.query(
    `UPDATE records.purchases SET provider = $2, checkout_ref = $3, checkout_url = $4, changed_at = clock_timestamp()
     WHERE id = $1 AND checkout_ref IS NULL`,
    [purchaseId, checkout.provider, checkout.checkoutRef, checkout.url],
  );
}

export interface HeardPayment {
  readonly provider: string;
  readonly eventId: string;
  readonly news: PaymentNews;
  readonly purchaseId?: string | undefined;
  readonly paymentRef?: string | undefined;
}

/** Held for the transaction: news of one purchase is taken one by one. Null where none is meant that we know of. */
export async function lockPurchase(tx: EntityManager, heard: HeardPayment): Promise<Purchase | null> {
  return one(
    await tx.query<PurchaseRow[]>(`${PURCHASE} WHERE id = $1 OR payment_ref = $2 ORDER BY id LIMIT 1 FOR UPDATE`, [
      heard.purchaseId ?? null,
      heard.paymentRef ?? null,
    ]),
  );
}

/** False where it was heard before. Kept also where it means no purchase yet: its payment may be told of later. */
export async function noteHeard(tx: EntityManager, heard: HeardPayment, purchaseId: string | null): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.payment_events (provider, event_id, news, purchase_id, payment_ref)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (provider, event_id) DO NOTHING RETURNING event_id`,
    [heard.provider, heard.eventId, heard.news, purchaseId, heard.paymentRef ?? null],
  );
  return rows.length > 0;
}

/** What was heard under this reference before anybody knew whose it is, in the order in which it came. */
export async function takeUnmatched(tx: EntityManager, purchaseId: string, paymentRef: string): Promise<PaymentNews[]> {
  const [rows] = await tx.query<[{ news: PaymentNews; heard_at: Date }[], number]>(
    `UPDATE records.payment_events SET purchase_id = $1 WHERE payment_ref = $2 AND purchase_id IS NULL
     RETURNING news, heard_at`,
    [purchaseId, paymentRef],
  );
  return rows.sort((one, other) => one.heard_at.getTime() - other.heard_at.getTime()).map(({ news }) => news);
}

export interface PurchaseStands {
  readonly state: PurchaseState;
  readonly lotId: string | null;
  readonly grants: number;
  readonly paymentRef: string | null;
}

export async function savePurchase(tx: EntityManager, id: string, stands: PurchaseStands): Promise<void> {
  await tx.query(
    `UPDATE records.purchases SET state = $2, lot_id = $3, grants = $4, payment_ref = coalesce(payment_ref, $5),
       changed_at = clock_timestamp() WHERE id = $1`,
    [id, stands.state, stands.lotId, stands.grants, stands.paymentRef],
  );
}

function one([row]: readonly PurchaseRow[]): Purchase | null {
  return row === undefined ? null : purchaseOf(row);
}

function purchaseOf(row: PurchaseRow): Purchase {
  return {
    id: row.id,
    accountId: row.account_id,
    buyerId: row.buyer_id,
    scopeId: row.scope_id,
    productId: row.product_id,
    lotKind: row.lot_kind,
    credits: parseMicroCredits(row.credits),
    price: { minor: BigInt(row.price_minor), currency: row.currency },
    state: row.state,
    provider: row.provider,
    checkoutRef: row.checkout_ref,
    checkoutUrl: row.checkout_url,
    lotId: row.lot_id,
    grants: row.grants,
    bodyHash: row.body_hash,
    createdAt: row.created_at,
  };
}
