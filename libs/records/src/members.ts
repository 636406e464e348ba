// Records room. The people of an account and those asked to join it. An account always has an owner.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import type { MemberRole } from './people.js';
import { hashSecret } from './people.js';

export interface Member {
  readonly userId: string;
  readonly role: MemberRole;
  readonly email: string | null;
  readonly name: string | null;
  readonly joinedAt: Instant;
}

export interface Invitation {
  readonly id: string;
  readonly accountId: string;
  /** Null once the invitation is over: whoever was asked has an address of their own then, or none of ours. */
  readonly email: string | null;
  readonly expiresAt: Instant;
  readonly isOver: boolean;
}

const MEMBERS = `
SELECT m.user_id, m.role, m.joined_at, u.email, u.name
FROM records.memberships m JOIN records.users u ON u.id = m.user_id
WHERE m.account_id = $1 AND m.removed_at IS NULL ORDER BY m.joined_at, m.user_id`;

export async function listMembers(tx: EntityManager, accountId: string): Promise<Member[]> {
  type Row = { user_id: string; role: MemberRole; joined_at: Date; email: string | null; name: string | null };
  const rows = await tx.query<Row[]>(MEMBERS, [accountId]);
  return rows.map(({ user_id: userId, joined_at: joinedAt, ...rest }) => ({
    userId,
    ...rest,
    joinedAt: instantOfDate(joinedAt),
  }));
}

interface InvitationRow {
  readonly id: string;
  readonly account_id: string;
  readonly email: string | null;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
}

const toInvitation = (row: InvitationRow): Invitation => ({
  id: row.id,
  accountId: row.account_id,
  email: row.email,
  expiresAt: instantOfDate(row.expires_at),
  isOver: row.ended_at !== null,
});

const OPEN_INVITATIONS = `
SELECT id, account_id, email, expires_at, ended_at FROM records.invitations
WHERE account_id = $1 AND ended_at IS NULL ORDER BY id`;

export async function listInvitations(tx: EntityManager, accountId: string): Promise<Invitation[]> {
  return (await tx.query<InvitationRow[]>(OPEN_INVITATIONS, [accountId])).map(toInvitation);
}

export interface NewInvitation {
  readonly accountId: string;
  readonly email: string;
  readonly token: string;
  readonly invitedBy: string;
  readonly expiresAt: Instant;
}

/** An address is asked once at a time: an earlier invitation of it is over. */
export async function invite(tx: EntityManager, wish: NewInvitation): Promise<string> {
  const id = newId('ivt');
  await tx.query(
    `UPDATE records.invitations SET ended_at = clock_timestamp(), email = NULL
     WHERE account_id = $1 AND ended_at IS NULL AND lower(email) = lower($2)`,
    [wish.accountId, wish.email],
  );
  await tx.query(
    `INSERT INTO records.invitations (id, account_id, email, token_hash, invited_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, wish.accountId, wish.email, hashSecret(wish.token), wish.invitedBy, new Date(wish.expiresAt)],
  );
  return id;
}

/** Before the tenant is known: the token alone says which account it is. */
export async function findInvitation(tx: EntityManager, token: string): Promise<Invitation | null> {
  const [row] = await tx.query<InvitationRow[]>('SELECT * FROM records.find_invitation($1)', [hashSecret(token)]);
  return row === undefined ? null : toInvitation(row);
}

/** False where it is over already. Its address goes with it. */
export async function endInvitation(tx: EntityManager, id: string): Promise<boolean> {
  const ended = await tx.query<[unknown[], number]>(
    'UPDATE records.invitations SET ended_at = clock_timestamp(), email = NULL WHERE id = $1 AND ended_at IS NULL',
    [id],
  );
  return ended[1] === 1;
}

const SWEPT_AT_ONCE = 500;

/** Some of those whose time is over, and how many: their addresses go. None when nothing is left. */
export async function sweepInvitations(tx: EntityManager, now: Instant): Promise<number> {
  const swept = await tx.query<[unknown[], number]>(
    `UPDATE records.invitations SET ended_at = expires_at, email = NULL WHERE id IN
       (SELECT id FROM records.invitations WHERE ended_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2)`,
    [new Date(now), SWEPT_AT_ONCE],
  );
  return swept[1];
}

/** Whoever is in the account already stays what they are there; false for them. */
export async function join(tx: EntityManager, accountId: string, userId: string): Promise<boolean> {
  const joined = await tx.query<unknown[]>(
    `INSERT INTO records.memberships AS m (account_id, user_id, role) VALUES ($1, $2, 'member')
     ON CONFLICT (account_id, user_id) DO UPDATE
     SET role = 'member', joined_at = clock_timestamp(), removed_at = NULL WHERE m.removed_at IS NOT NULL
     RETURNING m.user_id`,
    [accountId, userId],
  );
  return joined.length === 1;
}

/**
 * For a change of an account's people, or of what ends with a role. Of two at once the second fails as one that met
 * another, and is done again: what the first one left behind is then in its snapshot.
 */
export async function oneAtATime(tx: EntityManager, accountId: string): Promise<void> {
  await tx.query('UPDATE records.accounts SET name = name WHERE id = $1', [accountId]);
}

export interface Seats {
  /** As many people as the account's plan has places for. */
  readonly all: number;
  readonly members: number;
  /** Asked to join, and still open. */
  readonly invited: number;
}

/** For a change of who is in the account: two who come at once cannot both take the last seat. */
export async function readSeats(tx: EntityManager, accountId: string, now: Instant): Promise<Seats> {
  await oneAtATime(tx, accountId);
  const [seats] = await tx.query<Seats[]>(
    `SELECT p.team_seats AS "all",
       (SELECT count(*)::int FROM records.memberships m WHERE m.account_id = a.id AND m.removed_at IS NULL) AS members,
       (SELECT count(*)::int FROM records.invitations i
        WHERE i.account_id = a.id AND i.ended_at IS NULL AND i.expires_at > $2) AS invited
     FROM records.accounts a JOIN records.plans p ON p.id = a.plan_id AND p.version = a.plan_version WHERE a.id = $1`,
    [accountId, new Date(now)],
  );
  if (seats === undefined) throw new Error(`no account ${accountId}, or no plan of it`);
  return seats;
}

/**
 * For a change of who owns the account. Two such changes at once cannot both go by the owners there were: the second
 * is done again on what the first has left.
 */
export async function readOwners(tx: EntityManager, accountId: string): Promise<string[]> {
  await oneAtATime(tx, accountId);
  const owners = await tx.query<{ user_id: string }[]>(
    `SELECT user_id FROM records.memberships WHERE account_id = $1 AND role = 'owner' AND removed_at IS NULL`,
    [accountId],
  );
  return owners.map((owner) => owner.user_id);
}

const ROLE = 'SELECT role FROM records.memberships WHERE account_id = $1 AND user_id = $2 AND removed_at IS NULL';

export async function readRole(tx: EntityManager, accountId: string, userId: string): Promise<MemberRole | null> {
  const [row] = await tx.query<{ role: MemberRole }[]>(ROLE, [accountId, userId]);
  return row?.role ?? null;
}

/** Likewise, and so until the transaction ends: an owner is not made a member under a change that found an owner. */
export async function lockRole(tx: EntityManager, accountId: string, userId: string): Promise<MemberRole | null> {
  const [row] = await tx.query<{ role: MemberRole }[]>(`${ROLE} FOR SHARE`, [accountId, userId]);
  return row?.role ?? null;
}

export async function setRole(
  tx: EntityManager,
  member: { readonly accountId: string; readonly userId: string; readonly role: MemberRole },
): Promise<void> {
  await tx.query('UPDATE records.memberships SET role = $3 WHERE account_id = $1 AND user_id = $2', [
    member.accountId,
    member.userId,
    member.role,
  ]);
}

export async function removeMember(tx: EntityManager, accountId: string, userId: string): Promise<void> {
  await tx.query(
    'UPDATE records.memberships SET removed_at = clock_timestamp() WHERE account_id = $1 AND user_id = $2',
    [accountId, userId],
  );
}
