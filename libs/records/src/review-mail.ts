// Records room. Whose account a mail may be about: those of the people that one of its addresses belongs to.
import type { EntityManager } from 'typeorm';
import type { MemberRole } from './people.js';

export interface AccountOfAddress {
  readonly userId: string;
  readonly accountId: string;
  readonly role: MemberRole;
}

/** Of the first address that is known, accounts of its own first; asked before there is a tenant. */
export async function findAccountsOfAddresses(
  tx: EntityManager,
  addresses: readonly string[],
): Promise<readonly AccountOfAddress[]> {
  for (const address of addresses) {
    const rows = await tx.query<{ user_id: string; account_id: string; role: MemberRole }[]>(
      'SELECT * FROM records.accounts_of_address($1)',
      [address],
    );
    if (rows.length > 0) {
      return rows.map(({ user_id: userId, account_id: accountId, role }) => ({ userId, accountId, role }));
    }
  }
  return [];
}
