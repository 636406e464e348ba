// API room. From a request to whoever asks. Each kind of credential has its reader; what a credential says is asked for
// on every request and never remembered: revoked means now.
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isIdentityToken } from '../auth/identity-tokens.js';
import { ProblemError } from '../problems/problem-error.js';
import { ApiKeys, isApiKey, isKeyInside } from './api-keys.js';
import type { AnyCaller } from './caller.js';
import { isVisitorToken, VisitorTokens } from './visitor-tokens.js';
import { People } from './people.js';

const BEARER = /^Bearer +(\S+)$/i;

@Injectable()
export class Callers {
  constructor(
    private readonly keys: ApiKeys,
    private readonly visitors: VisitorTokens,
    private readonly people: People,
  ) {}

  /** Asked once for each request: before its body where that may be large, else when its route is known. */
  async callerOf(request: FastifyRequest): Promise<AnyCaller> {
    request.caller ??= await this.find(request);
    return request.caller;
  }

  private async find(request: FastifyRequest): Promise<AnyCaller> {
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
    const credential = BEARER.exec(header.trim())?.[1];
    if (credential !== undefined && isVisitorToken(credential)) return this.visitors.callerOf(credential);
    if (credential !== undefined && isIdentityToken(credential)) return this.people.callerByToken(credential, request);
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
