// API room. From a token of an issuer, or a session of the page, to the person behind it and the account that is meant.
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { KnownPerson, Person, Session, StaffRole, StaffWord } from '@fairmeter/records';
import { findPerson, findSession, notePerson, noteStaffRole, readPerson, signUp } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { TokenSays } from '../auth/identity-tokens.js';
import { IdentityTokens } from '../auth/identity-tokens.js';
import { isCsrfTokenOf, readCookie, sessionCookieName } from '../auth/session-cookie.js';
import { ProblemError } from '../problems/problem-error.js';
import { SubscriptionOpenings } from '../subscription/subscription-openings.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { bearerOf } from './bearer.js';
import type { PersonCaller, StaffCaller } from './caller.js';

export const ACCOUNT_HEADER = 'fairmeter-account';
export const CSRF_HEADER = 'fairmeter-csrf';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Somebody who is signed in, before it is said in which account. */
export interface SignedIn {
  readonly person: Person;
  readonly staffRole: StaffRole | null;
  readonly session: { readonly token: string; readonly expiresAt: number } | null;
}

@Injectable()
export class People {
  constructor(
    private readonly tokens: IdentityTokens,
    private readonly database: TenantDatabase,
    private readonly openings: SubscriptionOpenings,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async callerByToken(token: string, request: FastifyRequest): Promise<PersonCaller | StaffCaller> {
    return callerOf(await this.byToken(token), request);
  }

  /** Looks again, and makes nobody known: whoever was forgotten meanwhile is not met anew by it. */
  async callerByTokenAgain(token: string, request: FastifyRequest): Promise<PersonCaller | StaffCaller> {
    const signedIn = await this.byTokenAgain(token);
    if (signedIn === null) throw new ProblemError('unauthenticated', 'Nobody is known by this token any more.');
    return callerOf(signedIn, request);
  }

  /** Undefined where the request carries no session at all. */
  async callerBySession(request: FastifyRequest): Promise<PersonCaller | StaffCaller | undefined> {
    const signedIn = await this.bySession(request);
    return signedIn === undefined ? undefined : callerOf(signedIn, request);
  }

  /** For what people do in no account, or before they have chosen one. */
  async signedIn(request: FastifyRequest): Promise<SignedIn> {
    const token = bearerOf(request);
    return token === undefined ? this.inSession(request) : this.byToken(token);
  }

  /** As `signedIn`, of somebody who came before; null where nobody did, or whoever did was forgotten. */
  async signedInBefore(request: FastifyRequest): Promise<SignedIn | null> {
    const token = bearerOf(request);
    return token === undefined ? this.inSession(request) : this.byTokenAgain(token);
  }

  /** The first time somebody comes they are given an account; staff come without one. */
  async know(says: TokenSays): Promise<Person> {
    const { known, isNew } = await this.database.beforeTenant(async (tx) => {
      const found = await findPerson(tx, says.identity);
      const known = found ?? (await signUp(tx, says.identity, says.staff.role));
      admitWord(known, says.staff);
      if (found !== null) await notePerson(tx, found, says.identity);
      await noteStaffRole(tx, known, says.staff);
      return { known, isNew: found === null };
    });
    if (isNew) await Promise.all(known.accounts.map(async ({ accountId }) => this.openings.open(accountId)));
    return known;
  }

  async again(userId: string): Promise<Person> {
    const person = await this.database.beforeTenant(async (tx) => readPerson(tx, userId));
    if (person === null) throw new Error('somebody who is signed in is not there');
    return person;
  }

  private async byToken(token: string): Promise<SignedIn> {
    const says = await this.tokens.read(token);
    return { person: await this.know(says), staffRole: says.staff.role, session: null };
  }

  private async byTokenAgain(token: string): Promise<SignedIn | null> {
    const says = await this.tokens.read(token);
    const person = await this.database.beforeTenant(async (tx) => findPerson(tx, says.identity));
    if (person === null) return null;
    admitWord(person, says.staff);
    return { person, staffRole: says.staff.role, session: null };
  }

  private async inSession(request: FastifyRequest): Promise<SignedIn> {
    const found = await this.bySession(request);
    if (found !== undefined) return found;
    throw new ProblemError('unauthenticated', 'Sign in at /v1/auth/login, or send a token of your issuer.');
  }

  private async bySession(request: FastifyRequest): Promise<SignedIn | undefined> {
    const token = readCookie(request, sessionCookieName(this.config));
    if (token === undefined) return undefined;
    const session = await this.database.beforeTenant(async (tx) => findSession(tx, token));
    if (session === null || session.expiresAt <= this.clock.now() || !this.isStaffStill(session)) {
      throw new ProblemError('session_ended', 'The session is over. Sign in again.');
    }
    // A browser sends the cookie whoever wrote the page; what only our own page can know must come along.
    if (!READING.has(request.method) && !isCsrfTokenOf(token, request.headers[CSRF_HEADER])) {
      throw new ProblemError('csrf_token_wrong', 'Send the csrf_token of GET /v1/me in the header Fairmeter-CSRF.');
    }
    const { person, staffRole, expiresAt } = session;
    return { person, staffRole, session: { token, expiresAt } };
  }

  /** Whom an operator no longer lets make somebody staff has made nobody staff, also in sessions of before. */
  private isStaffStill({ staffRole, person }: Session): boolean {
    if (staffRole === null) return true;
    const issuer = this.tokens.issuers.find(({ settings }) => settings.issuer === person.issuer);
    return issuer?.settings.staff?.[staffRole] !== undefined;
  }
}

/** An older token brings no role back that a newer one has taken. */
function admitWord({ staffRole, staffSaidAt }: KnownPerson, { role, at }: StaffWord): void {
  if (role === null || role === staffRole || staffSaidAt === null || at >= staffSaidAt) return;
  throw new ProblemError('token_expired', 'Your issuer has said something else since this token. Sign in again.');
}

function callerOf({ person, staffRole }: SignedIn, request: FastifyRequest): PersonCaller | StaffCaller {
  const { userId, accounts } = person;
  if (staffRole !== null) return { kind: 'staff', role: staffRole, userId };
  const named = request.headers[ACCOUNT_HEADER];
  if (named === undefined && accounts.length !== 1) {
    throw new ProblemError('account_not_named', 'Name one of your accounts in the header Fairmeter-Account.', {
      members: { accounts: accounts.map(({ accountId }) => accountId) },
    });
  }
  const account = named === undefined ? accounts[0] : accounts.find(({ accountId }) => accountId === named);
  if (account === undefined) throw new ProblemError('account_not_found', 'You are in no such account.');
  return { kind: 'person', role: account.role, userId, accountId: account.accountId };
}
