// Records room. What may be bought: bundles by an account for itself, and packs by the visitors of the bots they name.
// A product never changes. A pack is its versions, of which one at most is on offer.
import type { MicroCredits } from '@fairmeter/domain';
import { add, parseMicroCredits, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface Price {
  /** In the smallest coin of its currency. */
  readonly minor: bigint;
  /** ISO 4217, lower case. */
  readonly currency: string;
}

/** What a pack gives at one bot; it is usable at no other. */
export interface Allowance {
  readonly botId: string;
  readonly credits: MicroCredits;
}

interface Sold {
  readonly id: string;
  /** Of all bots together. */
  readonly credits: MicroCredits;
  readonly price: Price;
}

/** An account buys it for itself. */
export interface Bundle extends Sold {
  readonly kind: 'bundle';
}

/** One version of a pack. */
export interface Pack extends Sold {
  readonly kind: 'pack';
  readonly packId: string;
  readonly version: number;
  readonly name: string;
  /** By bot, each once. */
  readonly allowances: readonly Allowance[];
}

export type Product = Bundle | Pack;

interface ProductRow {
  readonly id: string;
  readonly credits: string;
  readonly price_minor: string;
  readonly currency: string;
}

interface PackRow extends ProductRow {
  readonly pack_id: string;
  readonly version: number;
  readonly name: string;
  readonly allowances: readonly { readonly botId: string; readonly microCredits: string }[];
}

const SOLD = 'p.id, p.credits::text, p.price_minor::text, p.currency';
const PACK = `${SOLD}, p.pack_id, p.version, p.name, (
    SELECT jsonb_agg(jsonb_build_object('botId', a.bot_id, 'microCredits', a.credits::text) ORDER BY a.bot_id)
    FROM records.product_allowances a WHERE a.product_id = p.id) AS allowances`;

/** More than any bot has on offer, and a bound for whoever reads them all. */
const OFFERS_READ = 200;

/** What an account may buy for itself. */
export async function readBundles(tx: EntityManager): Promise<Bundle[]> {
  const rows = await tx.query<ProductRow[]>(
    `SELECT ${SOLD} FROM records.products p WHERE p.offered AND p.kind = 'bundle' ORDER BY p.credits, p.id LIMIT $1`,
    [OFFERS_READ],
  );
  return rows.map((row) => ({ kind: 'bundle', ...soldOf(row) }));
}

/**
 * What a visitor of the bot may buy: no pack of which a part would be good for nothing, since its bot is archived,
 * closed to visitors, or not sold for by the platform.
 */
export async function readPacksOfBot(tx: EntityManager, botId: string): Promise<Pack[]> {
  const rows = await tx.query<PackRow[]>(
    `SELECT ${PACK} FROM records.products p
     WHERE p.offered AND p.id IN (SELECT product_id FROM records.product_allowances WHERE bot_id = $1)
       AND NOT EXISTS (
         SELECT FROM records.product_allowances a WHERE a.product_id = p.id AND NOT records.is_sold_for(a.bot_id))
     ORDER BY p.credits, p.id LIMIT $2`,
    [botId, OFFERS_READ],
  );
  return rows.map(packOf);
}

/** Null where it is none, or not on offer any more. */
export async function findBundle(tx: EntityManager, id: string): Promise<Bundle | null> {
  const [row] = await tx.query<ProductRow[]>(
    `SELECT ${SOLD} FROM records.products p WHERE p.offered AND p.kind = 'bundle' AND p.id = $1`,
    [id],
  );
  return row === undefined ? null : { kind: 'bundle', ...soldOf(row) };
}

export interface PacksPage {
  /** The pack seen last; null begins. */
  readonly before: string | null;
  readonly limit: number;
}

/** The present version of each pack that the account offers, the newest pack first. */
export async function listPacks(tx: EntityManager, { before, limit }: PacksPage): Promise<Pack[]> {
  const rows = await tx.query<PackRow[]>(
    `SELECT ${PACK} FROM records.products p
     WHERE p.offered AND p.kind = 'pack' AND ($1::text IS NULL OR p.pack_id < $1) ORDER BY p.pack_id DESC LIMIT $2`,
    [before, limit],
  );
  return rows.map(packOf);
}

/** Those of the account that give something at the bot, whether they can be bought now or not; the smallest first. */
export async function listPacksOfBot(tx: EntityManager, botId: string): Promise<Pack[]> {
  const rows = await tx.query<PackRow[]>(
    `SELECT ${PACK} FROM records.products p
     WHERE p.offered AND p.id IN (SELECT product_id FROM records.product_allowances WHERE bot_id = $1)
     ORDER BY p.credits, p.id LIMIT $2`,
    [botId, OFFERS_READ],
  );
  return rows.map(packOf);
}

/** The version on offer, which nobody else changes until the transaction ends; null where none is. */
export async function lockPack(tx: EntityManager, packId: string): Promise<Pack | null> {
  const [row] = await tx.query<PackRow[]>(
    `SELECT ${PACK} FROM records.products p WHERE p.pack_id = $1 AND p.offered FOR UPDATE OF p`,
    [packId],
  );
  return row === undefined ? null : packOf(row);
}

export type NewPack = Omit<Pack, 'kind' | 'credits'> & { readonly accountId: string };

/** A first version, or the next one of a pack whose present version is no longer offered. */
export async function addPack(tx: EntityManager, pack: NewPack): Promise<Pack> {
  const { accountId, ...shown } = pack;
  const credits = add(ZERO, ...pack.allowances.map((allowance) => allowance.credits));
  await tx.query(
    `INSERT INTO records.products (id, kind, account_id, pack_id, version, name, credits, price_minor, currency)
     VALUES ($1, 'pack', $2, $3, $4, $5, $6, $7, $8)`,
    [
      pack.id,
      accountId,
      pack.packId,
      pack.version,
      pack.name,
      credits.toString(),
      pack.price.minor.toString(),
      pack.price.currency,
    ],
  );
  await tx.query(
    `INSERT INTO records.product_allowances (product_id, account_id, bot_id, credits)
     SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[])`,
    [
      pack.id,
      accountId,
      pack.allowances.map(({ botId }) => botId),
      pack.allowances.map((one) => one.credits.toString()),
    ],
  );
  return { kind: 'pack', credits, ...shown };
}

/** What was bought of it stays. */
export async function withdrawProduct(tx: EntityManager, id: string): Promise<void> {
  await tx.query('UPDATE records.products SET offered = false WHERE id = $1', [id]);
}

function packOf(row: PackRow): Pack {
  const { pack_id: packId, version, name } = row;
  const allowances = row.allowances.map(({ botId, microCredits }) => ({
    botId,
    credits: parseMicroCredits(microCredits),
  }));
  return { kind: 'pack', ...soldOf(row), packId, version, name, allowances };
}

function soldOf({ id, credits, price_minor: minor, currency }: ProductRow): Sold {
  return { id, credits: parseMicroCredits(credits), price: { minor: BigInt(minor), currency } };
}
