// Records room. What an account sold to visitors of its bots, and what of it went back: one line each, never changed.
// The ledger knows nothing of it, and whoever reads it sees an amount without its payer.
import type { Instant, MicroCredits, PurchaseState } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { Price } from './products.js';

export interface SaleLine {
  /** In the order in which lines of the account came to be. */
  readonly seq: bigint;
  readonly at: Instant;
  /** Where it was bought; a pack may give credits at other bots besides. */
  readonly botId: string;
  readonly sold: SoldPack | SoldPlan;
  /** Of the pack or plan, as it was called. */
  readonly productName: string;
  /** What the payment became by it: `paid` is a sale, everything else takes one back. */
  readonly state: Exclude<PurchaseState, 'pending'>;
  /** Below zero where a sale was taken back. */
  readonly amount: Price;
}

export interface SoldPack {
  readonly what: 'pack';
  readonly purchaseId: string;
  readonly productId: string;
  /** Below zero where the sale was taken back. */
  readonly credits: MicroCredits;
}

/** A plan's allowance comes again: it is not sold by the piece. */
export interface SoldPlan {
  readonly what: 'plan';
  readonly paymentId: string;
  readonly planId: string;
}

export interface SalesRange {
  readonly accountId: string;
  readonly botId: string | undefined;
  /** From this instant on, and before that one. */
  readonly from: Instant | undefined;
  readonly to: Instant | undefined;
  /** Lines of later are left out, so that all pages tell of the same. */
  readonly upTo: bigint;
}

export interface SalesPage {
  /** The line seen last; null begins. */
  readonly before: bigint | null;
  readonly limit: number;
}

interface SaleRow {
  readonly seq: string;
  readonly at: Date;
  readonly bot_id: string;
  readonly purchase_id: string | null;
  readonly product_id: string | null;
  readonly payment_id: string | null;
  readonly plan_id: string | null;
  readonly product_name: string;
  readonly state: SaleLine['state'];
  readonly credits: string | null;
  readonly amount_minor: string;
  readonly currency: string;
}

const IN_RANGE = `account_id = $1 AND seq <= $2 AND ($3::text IS NULL OR bot_id = $3)
  AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)`;

/** The number of the newest line; 0 where there is none. */
export async function newestSale(tx: EntityManager, accountId: string): Promise<bigint> {
  const rows = await tx.query<{ seq: string }[]>(
    'SELECT coalesce(max(seq), 0)::text AS seq FROM records.sales WHERE account_id = $1',
    [accountId],
  );
  return BigInt(rows[0]?.seq ?? 0);
}

/** The newest first. */
export async function readSales(
  tx: EntityManager,
  range: SalesRange,
  { before, limit }: SalesPage,
): Promise<SaleLine[]> {
  const rows = await tx.query<SaleRow[]>(
    `SELECT s.seq::text, at, bot_id, purchase_id, product_id, payment_id, plan_id, product_name, state, credits::text,
       amount_minor::text, currency
     FROM records.sales s WHERE ${IN_RANGE} AND ($6::bigint IS NULL OR seq < $6) ORDER BY s.seq DESC LIMIT $7`,
    [...valuesOf(range), before === null ? null : before.toString(), limit],
  );
  return rows.map(lineOf);
}

/** Of one bot in one currency, over the whole range. */
export interface SalesTotal {
  readonly botId: string;
  readonly currency: string;
  readonly sales: number;
  readonly reversals: number;
  /** In the smallest coin; what went back is below zero or nothing. */
  readonly sold: bigint;
  readonly reversed: bigint;
}

export async function totalSales(tx: EntityManager, range: SalesRange): Promise<SalesTotal[]> {
  type Row = { bot_id: string; currency: string; sales: number; reversals: number; sold: string; reversed: string };
  const rows = await tx.query<Row[]>(
    `SELECT bot_id, currency, count(*) FILTER (WHERE amount_minor > 0)::int AS sales,
       count(*) FILTER (WHERE amount_minor < 0)::int AS reversals,
       coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0)::text AS sold,
       coalesce(sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)::text AS reversed
     FROM records.sales WHERE ${IN_RANGE} GROUP BY bot_id, currency ORDER BY bot_id, currency`,
    valuesOf(range),
  );
  return rows.map(({ bot_id: botId, sold, reversed, ...row }) => ({
    ...row,
    botId,
    sold: BigInt(sold),
    reversed: BigInt(reversed),
  }));
}

function valuesOf({ accountId, upTo, botId, from, to }: SalesRange): unknown[] {
  const dateOf = (at: Instant | undefined): Date | null => (at === undefined ? null : new Date(at));
  return [accountId, upTo.toString(), botId ?? null, dateOf(from), dateOf(to)];
}

function lineOf(row: SaleRow): SaleLine {
  return {
    seq: BigInt(row.seq),
    at: instantOfDate(row.at),
    botId: row.bot_id,
    sold: soldOf(row),
    productName: row.product_name,
    state: row.state,
    amount: { minor: BigInt(row.amount_minor), currency: row.currency },
  };
}

function soldOf({ purchase_id: purchaseId, product_id: productId, ...row }: SaleRow): SaleLine['sold'] {
  const { payment_id: paymentId, plan_id: planId, credits } = row;
  if (purchaseId !== null && productId !== null && credits !== null) {
    return { what: 'pack', purchaseId, productId, credits: parseMicroCredits(credits) };
  }
  if (paymentId === null || planId === null) throw new Error(`the sale ${row.seq} is of nothing`);
  return { what: 'plan', paymentId, planId };
}
