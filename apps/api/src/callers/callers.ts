// API room. From a request to whoever asks. Each kind of credential has its reader; what a credential says is asked for
// on every request and never remembered: revoked means now.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isIdentityToken } from '../auth/identity-tokens.js';
import { ProblemError } from '../problems/problem-error.js';
import { ApiKeys, isApiKey, isKeyInside } from './api-keys.js';
import { bearerOf } from './bearer.js';
import type { AnyCaller, Caller } from './caller.js';
import { isVisitorToken, VisitorTokens } from './visitor-tokens.js';
import { People } from './people.js';

@Injectable()
export class Callers {
  constructor(
    private readonly keys: ApiKeys,
    private readonly visitors: VisitorTokens,
    private readonly people: People,
  ) {}

  /** Asked once for each request: before its body where that may be large, else when its route is known. */
  async callerOf(request: FastifyRequest): Promise<AnyCaller> {
    request.caller ??= await this.find(request, async (token) => this.people.callerByToken(token, request));
    return request.caller;
  }

  /** For what anybody may see: who of an account asks, or null. What a credential lacks is no matter there. */
  async ofAccount(request: FastifyRequest): Promise<Caller | null> {
    try {
      const caller = await this.callerOf(request);
      return caller.kind === 'account' || caller.kind === 'person' ? caller : null;
    } catch (error) {
      if (error instanceof ProblemError) return null;
      throw error;
    }
  }

  /**
   * For an answer that lasts: looks at the credential of its request anew. Whoever is by now somebody else, or may do
   * more or less than when it began, is asked to come again and judged as they are then.
   */
  async isStill(request: FastifyRequest): Promise<boolean> {
    try {
      const again = async (token: string) => this.people.callerByTokenAgain(token, request);
      return isDeepStrictEqual(await this.find(request, again), request.caller);
    } catch (error) {
      if (error instanceof ProblemError) return false;
      throw error;
    }
  }

  private async find(request: FastifyRequest, person: (token: string) => Promise<AnyCaller>): Promise<AnyCaller> {
    const header = request.headers.authorization;
    if (header === undefined || header.trim() === '') {
      if (isKeyElsewhere(request)) {
        throw new ProblemError(
          'key_misplaced',
          'Send the API key in the header `Authorization: Bearer fm_...`. Where it was in a URL, take it for leaked.',
        );
      }
      const bySession = await this.people.callerBySession(request);
      if (bySession !== undefined) return bySession;
      throw new ProblemError('unauthenticated', 'Send your API key as `Authorization: Bearer fm_...`.');
    }
    const credential = bearerOf(request);
    if (credential !== undefined && isVisitorToken(credential)) return this.visitors.callerOf(credential);
    if (credential !== undefined && isIdentityToken(credential)) return person(credential);
    if (credential === undefined || !isApiKey(credential)) {
      throw new ProblemError('key_invalid', 'This is not an API key we know.');
    }
    return this.keys.callerOf(credential);
  }
}

/** Of a large body only what was read before its sender was known, which is nothing. */
function isKeyElsewhere({ url, headers, body }: FastifyRequest): boolean {
  const { 'x-api-key': header } = headers;
  const words: unknown[] = typeof body === 'object' && body !== null ? Object.values(body) : [];
  return [url, header, ...words].some((text) => typeof text === 'string' && isKeyInside(text));
}
