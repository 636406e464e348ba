// Records room. Bundles that are bought by themselves: what an owner has set for the account, and how it stands.
import type { AccountStatus, AutoTopUp, Instant, MicroCredits, TopUpStanding } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { Bundle, Price } from './products.js';
import { findBundle } from './products.js';

export interface AutoTopUpSettings {
  readonly enabled: boolean;
  readonly threshold: MicroCredits;
  readonly productId: string;
  readonly monthlyCap: Price;
  /** Who answers for it: buys whatever it buys. */
  readonly setBy: string;
}

export interface SetAutoTopUp extends AutoTopUp {
  readonly accountId: string;
  readonly productId: string;
  readonly setBy: string;
}

interface Row {
  readonly enabled: boolean;
  readonly threshold: string;
  readonly product_id: string;
  readonly monthly_cap_minor: string;
  readonly currency: string;
  readonly set_by: string;
  readonly failed_at: Date | null;
  readonly purchase_id: string | null;
}

const TOP_UP = `SELECT enabled, threshold::text, product_id, monthly_cap_minor::text, currency, set_by, failed_at,
  purchase_id FROM records.auto_top_ups WHERE account_id = $1`;

/** Null where it was never set. */
export async function findAutoTopUp(tx: EntityManager, accountId: string): Promise<SetAutoTopUp | null> {
  return one(accountId, await tx.query<Row[]>(TOP_UP, [accountId]));
}

/** As it stands, and so until the transaction ends. */
export async function lockAutoTopUp(tx: EntityManager, accountId: string): Promise<SetAutoTopUp | null> {
  return one(accountId, await tx.query<Row[]>(`${TOP_UP} FOR NO KEY UPDATE`, [accountId]));
}

/** Set anew, it tries again at once, whatever failed before. */
export async function setAutoTopUp(tx: EntityManager, accountId: string, wish: AutoTopUpSettings): Promise<void> {
  await tx.query(
    `INSERT INTO records.auto_top_ups (account_id, enabled, threshold, product_id, monthly_cap_minor, currency, set_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (account_id) DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold,
       product_id = excluded.product_id, monthly_cap_minor = excluded.monthly_cap_minor, currency = excluded.currency,
       set_by = excluded.set_by, set_at = clock_timestamp(), failed_at = NULL`,
    [
      accountId,
      wish.enabled,
      wish.threshold.toString(),
      wish.productId,
      wish.monthlyCap.minor.toString(),
      wish.monthlyCap.currency,
      wish.setBy,
    ],
  );
}

export interface TopUpMoves {
  readonly purchaseId: string | null;
  readonly failedAt: Instant | null;
}

export async function saveTopUp(tx: EntityManager, accountId: string, moves: TopUpMoves): Promise<void> {
  await tx.query('UPDATE records.auto_top_ups SET purchase_id = $2, failed_at = $3 WHERE account_id = $1', [
    accountId,
    moves.purchaseId,
    moves.failedAt === null ? null : new Date(moves.failedAt).toISOString(),
  ]);
}

export interface FoundStanding extends TopUpStanding {
  readonly topUp: SetAutoTopUp;
  /** Null where it is not on offer any more. */
  readonly bundle: Bundle | null;
}

export interface StandingQuery {
  readonly accountStatus: AccountStatus;
  readonly owes: boolean;
  /** Since when this month's purchases are counted. */
  readonly monthStart: Instant;
}

const BOUGHT = `SELECT
  (SELECT coalesce(sum(price_minor), 0) FROM records.purchases
    WHERE account_id = $1 AND automatic AND created_at >= $2 AND currency = $3
      AND (ended_at IS NULL OR state <> 'pending'))::text AS spent,
  EXISTS (SELECT FROM records.purchases p JOIN records.auto_top_ups t ON t.account_id = p.account_id
    WHERE p.account_id = $1 AND p.automatic AND p.created_at >= t.set_at
      AND p.state IN ('disputed', 'reversed')) AS taken_back`;

/** What else the decision needs: what the bundle costs, and what was bought by itself this month. */
export async function standingOfTopUp(
  tx: EntityManager,
  topUp: SetAutoTopUp,
  { accountStatus, owes, monthStart }: StandingQuery,
): Promise<FoundStanding> {
  const bundle = await findBundle(tx, topUp.productId);
  const [row] = await tx.query<{ spent: string; taken_back: boolean }[]>(BOUGHT, [
    topUp.accountId,
    new Date(monthStart).toISOString(),
    topUp.currency,
  ]);
  return {
    topUp,
    accountStatus,
    owes,
    bundle,
    price: bundle?.price ?? null,
    spentMinor: BigInt(row?.spent ?? '0'),
    wasTakenBack: row?.taken_back ?? false,
  };
}

/** Accounts that have it switched on: of those named, or all there are. */
export async function accountsToppedUp(tx: EntityManager, accountIds: readonly string[] | null): Promise<string[]> {
  const rows = await tx.query<{ account_id: string }[]>(
    `SELECT account_id FROM records.auto_top_ups WHERE enabled AND ($1::text[] IS NULL OR account_id = ANY ($1))`,
    [accountIds],
  );
  return rows.map(({ account_id: accountId }) => accountId);
}

/** Who is asked for the money, noted before anybody is. */
export async function saveAskedProvider(tx: EntityManager, id: string, provider: string): Promise<void> {
  await tx.query(
    `UPDATE records.purchases SET provider = $2, changed_at = clock_timestamp() WHERE id = $1 AND provider IS NULL`,
    [id, provider],
  );
}

/** An order that was not paid and is not to be any more. */
export async function endOrder(tx: EntityManager, id: string): Promise<void> {
  await tx.query(
    `UPDATE records.purchases SET ended_at = coalesce(ended_at, clock_timestamp()) WHERE id = $1 AND state = 'pending'`,
    [id],
  );
}

function one(accountId: string, [row]: readonly Row[]): SetAutoTopUp | null {
  if (row === undefined) return null;
  return {
    accountId,
    enabled: row.enabled,
    threshold: parseMicroCredits(row.threshold),
    productId: row.product_id,
    monthlyCapMinor: BigInt(row.monthly_cap_minor),
    currency: row.currency,
    setBy: row.set_by,
    failedAt: row.failed_at === null ? null : instantOfDate(row.failed_at),
    purchaseId: row.purchase_id,
  };
}
