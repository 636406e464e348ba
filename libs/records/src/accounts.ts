// Records room. What an account is set to, as far as it is no money.
import type { AccountStatus, Instant, PlanRef } from '@fairmeter/domain';
import { PLANNED_ONCE, plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { MoreThan } from 'typeorm';
import type { SubscriptionStart } from './rows/account.row.js';
import { AccountRow } from './rows/account.row.js';

export type { SubscriptionStart };

/** An IANA name; null where the tenant has no such account. */
export async function readTimeZone(tx: EntityManager, accountId: string): Promise<string | null> {
  const account = await tx.getRepository(AccountRow).findOne({ where: { id: accountId }, comment: PLANNED_ONCE });
  return account?.timeZone ?? null;
}

export interface AccountSettings {
  readonly accountId: string;
  readonly name: string;
  readonly status: AccountStatus;
  readonly timeZone: string;
  readonly planId: string;
  readonly subscription: SubscriptionStart;
  readonly createdAt: Instant;
}

/** Null where the tenant has no such account. */
export async function readAccount(tx: EntityManager, accountId: string): Promise<AccountSettings | null> {
  const account = await tx.getRepository(AccountRow).findOneBy({ id: accountId });
  if (account === null) return null;
  const { name, status, timeZone, planId, subscription, createdAt } = account;
  return { accountId, name, status, timeZone, planId, subscription, createdAt };
}

/** Asked with every admission: the one column, without building an entity. Null where there is no such account. */
export async function readAccountStatus(tx: EntityManager, accountId: string): Promise<AccountStatus | null> {
  const [account] = await tx.query<{ status: AccountStatus }[]>(
    plannedOnce('SELECT status FROM records.accounts WHERE id = $1'),
    [accountId],
  );
  return account?.status ?? null;
}

/**
 * As it stands, and so until the transaction ends: an account is not closed under a change that found it open. Changes
 * of one account follow one another.
 */
export async function lockAccount(tx: EntityManager, accountId: string): Promise<AccountSettings | null> {
  await tx.query('SELECT id FROM records.accounts WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
  return readAccount(tx, accountId);
}

export async function renameAccount(tx: EntityManager, accountId: string, name: string): Promise<void> {
  await tx.query('UPDATE records.accounts SET name = $2 WHERE id = $1', [accountId, name]);
}

/** For good: nothing opens a closed account again. */
export async function closeAccount(tx: EntityManager, accountId: string): Promise<void> {
  await tx.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [accountId]);
}

export interface AwaitedSubscription {
  readonly accountId: string;
  readonly timeZone: string;
  readonly planId: string;
}

/** Accounts whose subscription is still to be begun, the first of them behind another one. */
export async function readAwaitedSubscriptions(
  tx: EntityManager,
  { behind, limit }: { readonly behind: string; readonly limit: number },
): Promise<AwaitedSubscription[]> {
  const rows = await tx.getRepository(AccountRow).find({
    where: { subscription: 'awaited', id: MoreThan(behind) },
    order: { id: 'ASC' },
    take: limit,
  });
  return rows.map(({ id: accountId, timeZone, planId }) => ({ accountId, timeZone, planId }));
}

/** Its workflow is in safe hands: nobody need think of it any more. */
export async function markSubscriptionBegun(tx: EntityManager, accountId: string): Promise<void> {
  await tx.query('SELECT records.subscription_begun($1)', [accountId]);
}

/** What admissions go by from now on. A closed account stays closed, whatever becomes of its plan. */
export async function savePlanOfAccount(
  tx: EntityManager,
  accountId: string,
  { plan, status }: { readonly plan: PlanRef; readonly status: AccountStatus },
): Promise<void> {
  await tx.query(
    `UPDATE records.accounts SET plan_id = $2, plan_version = $3,
       status = CASE WHEN status = 'closed' THEN status ELSE $4 END WHERE id = $1`,
    [accountId, plan.planId, plan.version, status],
  );
}

export async function saveTimeZone(tx: EntityManager, accountId: string, zone: string): Promise<void> {
  await tx.query('UPDATE records.accounts SET time_zone = $2 WHERE id = $1 AND time_zone <> $2', [accountId, zone]);
}
