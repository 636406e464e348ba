// Records room. Purchases: what was ordered, at which price, for whom, and what became of its payment.
import type { Holder, LotKind, MicroCredits, PurchaseState } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { Price, Product } from './products.js';

/** What becomes one lot: of the account itself, or of a visitor at one bot. */
export interface OrderedPart {
  readonly scopeId: string;
  readonly bot: { readonly botId: string; readonly visitorId: string } | null;
  readonly credits: MicroCredits;
}

export interface PurchaseOrder {
  readonly id: string;
  readonly accountId: string;
  readonly buyerId: string;
  /** Whose purchase it is: the account's, or the visitor's at the bot where it was ordered. */
  readonly scopeId: string;
  readonly product: Product;
  readonly parts: readonly OrderedPart[];
  readonly keyHash: string;
  readonly bodyHash: string;
  /** Bought by itself, since too little was left. */
  readonly automatic?: true;
}

export interface PurchasePart extends OrderedPart {
  /** While its credits are given. */
  readonly lotId: string | null;
}

export interface Purchase {
  readonly id: string;
  readonly accountId: string;
  readonly buyerId: string;
  readonly scopeId: string;
  readonly productId: string;
  readonly lotKind: Extract<LotKind, 'bundle' | 'eu_pack'>;
  readonly credits: MicroCredits;
  readonly parts: readonly PurchasePart[];
  readonly price: Price;
  readonly state: PurchaseState;
  readonly provider: string | null;
  readonly checkoutRef: string | null;
  readonly checkoutUrl: string | null;
  readonly paymentRef: string | null;
  /** How often its credits were given: again after a dispute that was won. */
  readonly grants: number;
  /** Its buyer went before it was paid: it is not to be paid any more. */
  readonly isEnded: boolean;
  /** Money is to go back and has not gone yet. */
  readonly owesBack: boolean;
  readonly bodyHash: string;
  /** Ordered by nobody: it was bought by itself. */
  readonly automatic: boolean;
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
  readonly payment_ref: string | null;
  readonly grants: number;
  readonly is_ended: boolean;
  readonly owes_back: boolean;
  readonly body_hash: string;
  readonly automatic: boolean;
  readonly created_at: Date;
  readonly parts: readonly PartJson[];
}

interface PartJson {
  readonly scopeId: string;
  readonly botId: string | null;
  readonly visitorId: string | null;
  readonly microCredits: string;
  readonly lotId: string | null;
}

const PURCHASE = `SELECT p.id, p.account_id, p.buyer_id, p.scope_id, p.product_id, p.lot_kind, p.credits::text,
  p.price_minor::text, p.currency, p.state, p.provider, p.checkout_ref, p.checkout_url, p.payment_ref, p.grants,
  p.ended_at IS NOT NULL AS is_ended, p.owes_back, p.body_hash, p.automatic,
  p.created_at, (
    SELECT jsonb_agg(jsonb_build_object('scopeId', q.scope_id, 'botId', q.bot_id, 'visitorId', q.visitor_id,
      'microCredits', q.credits::text, 'lotId', q.lot_id) ORDER BY q.scope_id)
    FROM records.purchase_parts q WHERE q.purchase_id = p.id) AS parts
  FROM records.purchases p`;

/** A twin with the same key that came first makes the transaction fail to serialize: asked again, it is there. */
export async function placeOrder(tx: EntityManager, order: PurchaseOrder): Promise<Purchase> {
  const { product, parts } = order;
  await tx.query(
    `INSERT INTO records.purchases
       (id, account_id, buyer_id, scope_id, product_id, lot_kind, credits, price_minor, currency, key_hash, body_hash,
        automatic)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (key_hash) DO NOTHING`,
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
      order.automatic === true,
    ],
  );
  await tx.query(
    `INSERT INTO records.purchase_parts (purchase_id, account_id, scope_id, bot_id, visitor_id, credits)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[])`,
    [
      order.id,
      order.accountId,
      parts.map(({ scopeId }) => scopeId),
      parts.map(({ bot }) => bot?.botId ?? null),
      parts.map(({ bot }) => bot?.visitorId ?? null),
      parts.map(({ credits }) => credits.toString()),
    ],
  );
  const placed = await findByKey(tx, order.keyHash);
  if (placed === null) throw new Error('an order was placed and is not there to read');
  return placed;
}

export async function findByKey(tx: EntityManager, keyHash: string): Promise<Purchase | null> {
  return one(await tx.query<PurchaseRow[]>(`${PURCHASE} WHERE p.key_hash = $1`, [keyHash]));
}

export async function findPurchase(tx: EntityManager, id: string): Promise<Purchase | null> {
  return one(await tx.query<PurchaseRow[]>(`${PURCHASE} WHERE p.id = $1`, [id]));
}

export interface PurchasesPage {
  /** The purchase seen last; null begins. */
  readonly before: string | null;
  readonly limit: number;
}

/** The newest first, of one buyer or of the account itself. */
export async function readPurchases(tx: EntityManager, scopeId: string, page: PurchasesPage): Promise<Purchase[]> {
  return readPage(tx, { column: 'scope_id', is: scopeId }, page);
}

/** The newest first, of the account and of all visitors of its bots, as far as whoever asks may see them. */
export async function readPurchasesOfAccount(
  tx: EntityManager,
  accountId: string,
  page: PurchasesPage,
): Promise<Purchase[]> {
  return readPage(tx, { column: 'account_id', is: accountId }, page);
}

async function readPage(
  tx: EntityManager,
  whose: { readonly column: 'scope_id' | 'account_id'; readonly is: string },
  { before, limit }: PurchasesPage,
): Promise<Purchase[]> {
  const rows = await tx.query<PurchaseRow[]>(
    `${PURCHASE} WHERE p.${whose.column} = $1 AND ($2::text IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3`,
    [whose.is, before, limit],
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

/**
 * Orders of somebody who goes are not to be paid any more, in whose books ever they are: the bot may have moved. Says
 * which they are, also asked again.
 */
export async function endOrdersOf(tx: EntityManager, buyer: Pick<Purchase, 'scopeId' | 'buyerId'>): Promise<string[]> {
  const [rows] = await tx.query<[{ id: string }[], number]>(
    `UPDATE records.purchases SET ended_at = coalesce(ended_at, clock_timestamp())
     WHERE scope_id = $1 AND buyer_id = $2 AND state = 'pending' RETURNING id`,
    [buyer.scopeId, buyer.buyerId],
  );
  return rows.map(({ id }) => id);
}

/**
 * Who is there to have each part, and the buyer, by scope. Visitors are kept from going until the transaction ends:
 * what is given to one who goes right after is ended with the rest.
 */
export async function readHolders(tx: EntityManager, purchase: Purchase): Promise<ReadonlyMap<string, Holder>> {
  const { parts } = purchase;
  const visitorIds = parts.flatMap(({ bot }) => (bot === null ? [] : [bot.visitorId])).sort();
  const visitors = await tx.query<{ id: string; is_deleted: boolean }[]>(
    `SELECT id, deleted_at IS NOT NULL AS is_deleted FROM records.visitors WHERE id = ANY ($1) ORDER BY id FOR SHARE`,
    [visitorIds],
  );
  // Whose the bot is now counts: it may have moved since it was ordered.
  const closed = await tx.query<{ scope_id: string }[]>(
    `SELECT q.scope_id FROM records.purchase_parts q LEFT JOIN records.bots b ON b.id = q.bot_id
     JOIN records.accounts a ON a.id = coalesce(b.account_id, q.account_id)
     WHERE q.purchase_id = $1 AND a.status = 'closed'`,
    [purchase.id],
  );
  const gone = new Set(visitors.filter((visitor) => visitor.is_deleted).map(({ id }) => id));
  const shut = new Set(closed.map((part) => part.scope_id));
  const holderOf = ({ scopeId, bot }: PurchasePart): Holder => {
    if (bot !== null && gone.has(bot.visitorId)) return 'forgotten';
    return shut.has(scopeId) ? 'closed' : 'there';
  };
  return new Map(parts.map((part) => [part.scopeId, holderOf(part)]));
}

export interface PurchaseStands {
  readonly state: PurchaseState;
  readonly grants: number;
  readonly paymentRef: string | null;
  readonly owesBack: boolean;
}

export async function savePurchase(tx: EntityManager, id: string, stands: PurchaseStands): Promise<void> {
  await tx.query(
    `UPDATE records.purchases SET state = $2, grants = $3, payment_ref = coalesce(payment_ref, $4), owes_back = $5,
       changed_at = clock_timestamp() WHERE id = $1`,
    [id, stands.state, stands.grants, stands.paymentRef, stands.owesBack],
  );
}

export async function savePart(tx: EntityManager, purchaseId: string, part: PurchasePart): Promise<void> {
  await tx.query('UPDATE records.purchase_parts SET lot_id = $3 WHERE purchase_id = $1 AND scope_id = $2', [
    purchaseId,
    part.scopeId,
    part.lotId,
  ]);
}

/** The provider would not send it back. False where it was owed no more. */
export async function noteOwedNoMore(tx: EntityManager, id: string): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.purchases SET owes_back = false, changed_at = clock_timestamp() WHERE id = $1 AND owes_back
     RETURNING id`,
    [id],
  );
  return rows.length > 0;
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
    parts: row.parts.map(partOf),
    price: { minor: BigInt(row.price_minor), currency: row.currency },
    state: row.state,
    provider: row.provider,
    checkoutRef: row.checkout_ref,
    checkoutUrl: row.checkout_url,
    paymentRef: row.payment_ref,
    grants: row.grants,
    isEnded: row.is_ended,
    owesBack: row.owes_back,
    bodyHash: row.body_hash,
    automatic: row.automatic,
    createdAt: row.created_at,
  };
}

function partOf({ scopeId, botId, visitorId, microCredits, lotId }: PartJson): PurchasePart {
  const bot = botId === null || visitorId === null ? null : { botId, visitorId };
  return { scopeId, bot, credits: parseMicroCredits(microCredits), lotId };
}
