// Records room. Who a person is: found by what an issuer says or by a session, made by the first sign-in, once.
import { createHash, randomBytes } from 'node:crypto';
import type { AccountStatus, Instant, StaffRole } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

export type MemberRole = 'owner' | 'member';
export type { StaffRole };

/** What an issuer has said of somebody. An address is one that the issuer has verified. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
}

export interface AccountOfPerson {
  readonly accountId: string;
  readonly name: string;
  readonly role: MemberRole;
  readonly status: AccountStatus;
}

export interface Person extends Identity {
  readonly userId: string;
  readonly accounts: readonly AccountOfPerson[];
}

export interface Session {
  readonly person: Person;
  readonly sessionId: string;
  readonly staffRole: StaffRole | null;
  readonly expiresAt: Instant;
}

interface PersonRow extends Identity {
  readonly user_id: string;
  readonly accounts: readonly AccountOfPerson[];
}

const toPerson = ({ user_id: userId, issuer, subject, email, name, accounts }: PersonRow): Person => ({
  userId,
  issuer,
  subject,
  email,
  name,
  accounts,
});

/** A secret that we make has enough entropy of its own: its hash needs no salt, and only that is kept. */
export function newSecret(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** What an issuer said that somebody is to the platform, and when it said so. */
export interface StaffWord {
  readonly role: StaffRole | null;
  readonly at: Instant;
}

/** With the newest word that was heard; nothing was said of people of before words were dated. */
export type KnownPerson = Person & { readonly staffRole: StaffRole | null; readonly staffSaidAt: Instant | null };

export async function findPerson(tx: EntityManager, { issuer, subject }: Identity): Promise<KnownPerson | null> {
  type Row = PersonRow & { staff_role: StaffRole | null; staff_said_at: Date | null };
  const [row] = await tx.query<Row[]>('SELECT * FROM records.find_person($1, $2)', [issuer, subject]);
  if (row === undefined) return null;
  const { staff_role: staffRole, staff_said_at: saidAt } = row;
  return { ...toPerson(row), staffRole, staffSaidAt: saidAt === null ? null : instantOfDate(saidAt) };
}

/** Ends every session of theirs that was one of another role of the staff: the issuer's newest word counts. */
export async function noteStaffRole(tx: EntityManager, known: KnownPerson, said: StaffWord): Promise<void> {
  const { userId, staffSaidAt } = known;
  if (staffSaidAt !== null && said.at < staffSaidAt) return;
  if (staffSaidAt === said.at && known.staffRole === said.role) return;
  await tx.query('SELECT records.note_staff_role($1, $2, $3)', [userId, said.role, new Date(said.at)]);
}

export async function readPerson(tx: EntityManager, userId: string): Promise<Person | null> {
  const [row] = await tx.query<PersonRow[]>('SELECT * FROM records.person($1)', [userId]);
  return row === undefined ? null : toPerson(row);
}

/**
 * The person, known from now on, with an account of their own unless they are of the staff. Of many at once, in as many
 * processes, one makes the account and all answer with it.
 */
export async function signUp(tx: EntityManager, identity: Identity, staffRole: StaffRole | null): Promise<KnownPerson> {
  const { issuer, subject, email, name } = identity;
  const accountId = staffRole === null ? newId('acc') : null;
  await tx.query('SELECT records.sign_up($1, $2, $3, $4, $5, $6, $7, $8)', [
    newId('usr'),
    issuer,
    subject,
    email,
    name,
    accountId,
    'My account',
    newId('aud'),
  ]);
  const person = await findPerson(tx, identity);
  if (person === null) throw new Error('somebody who has just signed up is not there');
  return person;
}

/** What an issuer says now replaces what it said before; what it does not say stays. */
export async function notePerson(tx: EntityManager, known: Person, said: Identity): Promise<void> {
  const isNews = (before: string | null, now: string | null): boolean => now !== null && now !== before;
  if (!isNews(known.email, said.email) && !isNews(known.name, said.name)) return;
  await tx.query('SELECT records.note_person($1, $2, $3)', [known.userId, said.email, said.name]);
}

export interface NewSession {
  readonly token: string;
  readonly userId: string;
  readonly staffRole: StaffRole | null;
  readonly expiresAt: Instant;
}

export async function openSession(tx: EntityManager, session: NewSession): Promise<void> {
  const { token, userId, staffRole, expiresAt } = session;
  await tx.query('SELECT records.open_session($1, $2, $3, $4, $5)', [
    newId('ses'),
    hashSecret(token),
    userId,
    staffRole,
    new Date(expiresAt),
  ]);
}

export async function findSession(tx: EntityManager, token: string): Promise<Session | null> {
  type Row = PersonRow & { session_id: string; staff_role: StaffRole | null; expires_at: Date };
  const [row] = await tx.query<Row[]>('SELECT * FROM records.find_session($1)', [hashSecret(token)]);
  if (row === undefined) return null;
  const { session_id: sessionId, staff_role: staffRole, expires_at: expiresAt } = row;
  return { person: toPerson(row), sessionId, staffRole, expiresAt: instantOfDate(expiresAt) };
}

export async function endSession(tx: EntityManager, token: string): Promise<void> {
  await tx.query('SELECT records.end_session($1)', [hashSecret(token)]);
}
