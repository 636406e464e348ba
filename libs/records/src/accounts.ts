// Records room. What an account is set to, as far as it is no money.
import type { AccountStatus, Instant } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { AccountRow } from './rows/account.row.js';

/** An IANA name; null where the tenant has no such account. */
export async function readTimeZone(tx: EntityManager, accountId: string): Promise<string | null> {
  const account = await tx.getRepository(AccountRow).findOneBy({ id: accountId });
  return account?.timeZone ?? null;
}

export interface AccountSettings {
  readonly accountId: string;
  readonly name: string;
  readonly status: AccountStatus;
  readonly timeZone: string;
  readonly planId: string;
  readonly createdAt: Instant;
}

/** Null where the tenant has no such account. */
export async function readAccount(tx: EntityManager, accountId: string): Promise<AccountSettings | null> {
  const account = await tx.getRepository(AccountRow).findOneBy({ id: accountId });
  if (account === null) return null;
  const { name, status, timeZone, planId, createdAt } = account;
  return { accountId, name, status, timeZone, planId, createdAt };
}

export async function renameAccount(tx: EntityManager, accountId: string, name: string): Promise<void> {
  await tx.query('UPDATE records.accounts SET name = $2 WHERE id = $1', [accountId, name]);
}

/** For good: nothing opens a closed account again. */
export async function closeAccount(tx: EntityManager, accountId: string): Promise<void> {
  await tx.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [accountId]);
}
