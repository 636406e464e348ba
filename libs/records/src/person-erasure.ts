// Records room. A person is forgotten: what named the person is emptied, and what is left leads from an id to nobody.
import type { EntityManager } from 'typeorm';
import type { MemberRole } from './people.js';
import { staffSubject } from './texts.js';

/**
 * Accounts that would have no owner without the person, but for closed ones. Whoever changes the owners of any of the
 * person's accounts at the same time waits, and goes by what this transaction has left.
 */
export async function lastOwnedBy(tx: EntityManager, userId: string): Promise<string[]> {
  await tx.query(
    `UPDATE records.accounts SET name = name WHERE id IN (SELECT account_id FROM records.memberships
       WHERE user_id = $1 AND role = 'owner' AND removed_at IS NULL)`,
    [userId],
  );
  const rows = await tx.query<{ id: string }[]>(
    `SELECT a.id FROM records.memberships m JOIN records.accounts a ON a.id = m.account_id
     WHERE m.user_id = $1 AND m.role = 'owner' AND m.removed_at IS NULL AND a.status <> 'closed'
       AND NOT EXISTS (SELECT FROM records.memberships o WHERE o.account_id = a.id AND o.user_id <> $1
         AND o.role = 'owner' AND o.removed_at IS NULL) ORDER BY a.id`,
    [userId],
  );
  return rows.map(({ id }) => id);
}

export interface LeftAccount {
  readonly accountId: string;
  readonly role: MemberRole;
}

/** From now on the person is in no account. Where that was so before, there is nothing to tell. */
export async function leaveAll(tx: EntityManager, userId: string): Promise<LeftAccount[]> {
  const [rows] = await tx.query<[{ account_id: string; role: MemberRole }[], number]>(
    `UPDATE records.memberships SET removed_at = clock_timestamp() WHERE user_id = $1 AND removed_at IS NULL
     RETURNING account_id, role`,
    [userId],
  );
  return rows.map(({ account_id: accountId, role }) => ({ accountId, role }));
}

/** An account whose last owner was forgotten is closed; what that owner called it goes as well. */
export async function forgetNamesWithoutOwner(tx: EntityManager, accountIds: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE records.accounts a SET name = '' WHERE a.id = ANY ($1) AND NOT EXISTS (
       SELECT FROM records.memberships m WHERE m.account_id = a.id AND m.role = 'owner' AND m.removed_at IS NULL)`,
    [accountIds],
  );
}

/**
 * Whoever signs in as that person from now on is somebody new. The pair of issuer and subject is unique, so what takes
 * its place is the id and an issuer that there cannot be.
 */
export async function forgetIdentity(tx: EntityManager, userId: string): Promise<void> {
  await tx.query(
    `UPDATE records.invitations i SET email = NULL, ended_at = coalesce(i.ended_at, clock_timestamp())
     FROM records.users u WHERE u.id = $1 AND i.email IS NOT NULL AND lower(i.email) = lower(u.email)`,
    [userId],
  );
  await tx.query(`UPDATE records.users SET issuer = '', subject = id, email = NULL, name = NULL WHERE id = $1`, [
    userId,
  ]);
  await tx.query('DELETE FROM records.sessions WHERE user_id = $1', [userId]);
}

/** From now on nothing is written under the person's id; waits for what is being written. */
export async function markPersonErased(tx: EntityManager, userId: string): Promise<void> {
  await tx.query('UPDATE records.users SET erased_at = clock_timestamp() WHERE id = $1 AND erased_at IS NULL', [
    userId,
  ]);
}

/** Also those that the person has left. */
export async function accountsEverOf(tx: EntityManager, userId: string): Promise<string[]> {
  const rows = await tx.query<{ account_id: string }[]>(
    'SELECT account_id FROM records.memberships WHERE user_id = $1',
    [userId],
  );
  return rows.map((row) => row.account_id);
}

/** Where somebody of the staff gave a reason for something: staff are in no account, and act inside of many. */
export async function accountsOfStaffWords(tx: EntityManager, userId: string): Promise<string[]> {
  const rows = await tx.query<{ account_id: string }[]>(
    `SELECT DISTINCT account_id FROM records.texts WHERE subject LIKE 'staff/%' AND subject = $1`,
    [staffSubject(userId)],
  );
  return rows.map((row) => row.account_id);
}
