// API room. Tokens of visitors: short-lived, signed by this platform, for one visitor at one bot. What a token says is
// checked against the table on every request: deleted means now, and so does the end of whoever gave it.
import type { ApiConfig, Clock, TokenKey } from '@fairmeter/platform';
import { secretBytes } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { findVisitor } from '@fairmeter/records';
import { instant } from '@fairmeter/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { bearerOf } from './bearer.js';
import type { VisitorCaller } from './caller.js';

const ISSUER = 'fairmeter:visitors';
const AUDIENCE = 'fairmeter:api';
const ALGORITHM = 'HS256';
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const VISITOR_ID = /^vis_[0-9a-z]{1,64}$/;
/** Clocks of several machines differ by less. */
const EARLY_SECONDS = 30;

/** Whose claim it is to be one of ours; whether it is one, the signature tells. */
export function isVisitorToken(credential: string): boolean {
  if (!JWT.test(credential)) return false;
  try {
    return decodeJwt(credential).iss === ISSUER;
  } catch {
    return false;
  }
}

/** Whether a visitor is answered: by the claim alone, for a token that does not hold is answered as well. */
export function isOfVisitor(request: Pick<FastifyRequest, 'headers'>): boolean {
  const credential = bearerOf(request);
  return credential !== undefined && isVisitorToken(credential);
}

export interface TokenWish {
  readonly visitorId: string;
  readonly botId: string;
  readonly ttlSeconds: number;
  /** The key or the owner by whom it is given: it holds no longer than they could give it. */
  readonly giverId: string;
  /** Which round of tokens the bot is in: its move and its archiving end it. */
  readonly round: number;
}

export interface GivenToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

@Injectable()
export class VisitorTokens {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async give({ visitorId, botId, ttlSeconds, giverId, round }: TokenWish): Promise<GivenToken> {
    const { kid, secret } = this.signingKey();
    const now = Math.floor(this.clock.now() / 1_000);
    const expiresAt = now + ttlSeconds;
    const token = await new SignJWT({ bot: botId, by: giverId, round })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(visitorId)
      .setIssuedAt(now)
      .setNotBefore(now - EARLY_SECONDS)
      .setExpirationTime(expiresAt)
      .sign(secretBytes(secret));
    return { token, expiresAt: expiresAt * 1_000 };
  }

  /** Whether tokens can be given at all here; asked before anything is written for one. */
  signingKey(): TokenKey {
    const [first] = this.config.visitors.tokenKeys;
    if (first !== undefined) return first;
    throw new ProblemError('service_unavailable', 'This installation has no key to sign tokens of visitors with.', {
      members: { part: 'visitor_tokens' },
    });
  }

  async callerOf(token: string): Promise<VisitorCaller> {
    const { sub, bot, by, round } = await this.read(token);
    if (sub === undefined || !VISITOR_ID.test(sub)) throw invalid();
    // A token of before these were said names nobody who may give it.
    const claim = { visitorId: sub, giverId: typeof by === 'string' ? by : '', at: instant(this.clock.now()) };
    const found = await this.database.beforeTenant(async (tx) => findVisitor(tx, claim));
    // A bot has its visitors to itself: a token for another one was not signed by this code, or the bot's is gone.
    if (found === null || found.botId !== bot) throw invalid();
    if (found.isDeleted) {
      throw new ProblemError('visitor_deleted', 'This visitor was deleted. A new token makes a new visitor.');
    }
    if (!found.giverMay || found.tokenRound !== round) {
      throw new ProblemError(
        'visitor_token_expired',
        'This token ended before its time: with whoever gave it, or with a move of the bot. Ask the bot for a new one.',
      );
    }
    const { accountId, botId, countedAs } = found;
    return { kind: 'visitor', role: 'visitor', visitorId: sub, countedAs, accountId, botId };
  }

  private async read(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.keyOf(header), {
        // Named, so that no token can choose another way to be checked, or none.
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp', 'nbf', 'iat', 'bot'],
        currentDate: new Date(this.clock.now()),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new ProblemError('visitor_token_expired', 'This token has expired. Ask the bot for a new one.');
      }
      if (error instanceof errors.JOSEError) throw invalid();
      throw error;
    }
  }

  private keyOf({ kid }: JWTHeaderParameters): Uint8Array {
    const key = this.config.visitors.tokenKeys.find((one) => one.kid === kid);
    if (key === undefined) throw invalid();
    return secretBytes(key.secret);
  }
}

function invalid(): ProblemError {
  return new ProblemError('visitor_token_invalid', 'This is not a token of a visitor that we gave.');
}
