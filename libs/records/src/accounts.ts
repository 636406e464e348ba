// Records room. What an account is set to, as far as it is no money.
import type { EntityManager } from 'typeorm';
import { AccountRow } from './rows/account.row.js';

/** An IANA name; null where the tenant has no such account. */
export async function readTimeZone(tx: EntityManager, accountId: string): Promise<string | null> {
  const account = await tx.getRepository(AccountRow).findOneBy({ id: accountId });
  return account?.timeZone ?? null;
}
