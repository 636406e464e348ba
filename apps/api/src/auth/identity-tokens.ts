// API room. What a signed token says of somebody, once everything about it holds: signature, issuer, audience, times.
import type { ApiConfig, Clock, StaffClaim } from '@fairmeter/platform';
import { instant } from '@fairmeter/domain';
import type { Identity, StaffRole, StaffWord } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { JWTPayload } from 'jose';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { ProblemError } from '../problems/problem-error.js';
import { isWholeText } from '../requests/texts.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { Issuer, IssuerAway } from './issuer.js';

export interface TokenSays {
  readonly identity: Identity;
  readonly staff: StaffWord;
}

/** Of key pairs alone: with a shared secret whoever can check a token could also have made it. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const CLOCKS_DIFFER_BY_S = 5;
const MAX_WORD = 255;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** By its shape; API keys and visitors' tokens of ours have no dots. */
export function isIdentityToken(credential: string): boolean {
  return JWT.test(credential);
}

export interface Expected {
  readonly audience: string;
  /** Of a sign-in: what we sent along and must come back. */
  readonly nonce?: string;
}

@Injectable()
export class IdentityTokens {
  readonly issuers: readonly Issuer[];

  constructor(
    @Inject(API_CONFIG) config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {
    this.issuers = config.issuers.map((settings) => new Issuer(settings));
  }

  /** A bearer token, of any issuer that is trusted. */
  async read(token: string): Promise<TokenSays> {
    const named = issuerNamedBy(token);
    const issuer = this.issuers.find(({ settings }) => settings.issuer === named);
    if (issuer === undefined) throw new ProblemError('token_invalid', 'This API trusts no such issuer.');
    return this.readOf(issuer, token, { audience: issuer.settings.audience });
  }

  async readOf(issuer: Issuer, token: string, expected: Expected): Promise<TokenSays> {
    const { settings } = issuer;
    try {
      const { payload } = await jwtVerify(token, await issuer.keys(), {
        issuer: settings.issuer,
        audience: expected.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCKS_DIFFER_BY_S,
        currentDate: new Date(this.clock.now()),
      });
      if (expected.nonce !== undefined && payload['nonce'] !== expected.nonce) {
        throw new ProblemError('token_invalid', 'The token answers another sign-in.');
      }
      return says(payload, settings, this.clock.now());
    } catch (error) {
      throw problemOf(error);
    }
  }
}

/** Not believed yet: it only says whose keys to look at. */
function issuerNamedBy(token: string): string | undefined {
  try {
    const { alg } = decodeProtectedHeader(token);
    if (alg === undefined || !ALGORITHMS.includes(alg)) throw unsigned();
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('token_invalid', 'This is no token that can be read.');
  }
}

function unsigned(): ProblemError {
  return new ProblemError('token_unsigned', 'The token is not signed, or not in a way that is accepted.', {
    members: { algorithms: ALGORITHMS },
  });
}

function says(payload: JWTPayload, { issuer, staff }: Issuer['settings'], now: number): TokenSays {
  const { sub = '' } = payload;
  if (sub === '' || sub.length > MAX_WORD || !isWholeText(sub)) {
    throw new ProblemError('token_invalid', 'The token says of nobody who it is.');
  }
  const isVerified = payload['email_verified'] === true;
  return {
    identity: {
      issuer,
      subject: sub,
      email: isVerified ? wordOf(payload['email']) : null,
      name: wordOf(payload['name']),
    },
    staff: wordOnStaff(staff === undefined ? null : staffRoleOf(payload[staff.claim], staff), payload.iat, now),
  };
}

/** Of two words the later one counts: whoever is named staff is so by a word with a date. */
function wordOnStaff(role: StaffRole | null, issuedAt: number | undefined, now: number): StaffWord {
  if (issuedAt === undefined) {
    if (role === null) return { role, at: instant(now) };
    throw new ProblemError('token_invalid', 'The token names somebody staff and does not say since when: iat.');
  }
  return { role, at: instant(Math.floor(issuedAt * 1_000)) };
}

function wordOf(claim: unknown): string | null {
  if (typeof claim !== 'string' || claim === '' || !isWholeText(claim)) return null;
  return claim.length > MAX_WORD ? null : claim;
}

function staffRoleOf(claim: unknown, { admin, support }: StaffClaim): StaffRole | null {
  const roles: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  if (admin !== undefined && roles.includes(admin)) return 'admin';
  return support !== undefined && roles.includes(support) ? 'support' : null;
}

function problemOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return new ProblemError('token_expired', 'The token has expired. Sign in again.');
  }
  if (error instanceof errors.JWTClaimValidationFailed) return ofClaim(error);
  if (error instanceof errors.JWKSNoMatchingKey) {
    return new ProblemError('token_key_unknown', 'Its issuer has no such key.');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return unsigned();
  // What the issuer answered, or that it did not: another try may find it well again.
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error instanceof IssuerAway) {
    return away(error);
  }
  if (error instanceof errors.JOSEError && error.code !== errors.JOSEError.code) {
    return new ProblemError('token_invalid', 'The token does not hold: it was changed, or another key made it.');
  }
  return error instanceof ProblemError ? error : away(error);
}

function ofClaim({ claim, reason }: { readonly claim: string; readonly reason: string }): ProblemError {
  if (claim === 'aud') return new ProblemError('token_wrong_audience', 'The token is meant for somebody else.');
  if (claim === 'nbf' && reason === 'check_failed') {
    return new ProblemError('token_not_yet_valid', 'The token is not valid yet.');
  }
  return new ProblemError('token_invalid', `The token does not say properly: ${claim}.`);
}

function away(cause: unknown): ProblemError {
  return new ProblemError('service_unavailable', 'The issuer of the token cannot be asked.', {
    members: { part: 'issuer' },
    cause,
  });
}
