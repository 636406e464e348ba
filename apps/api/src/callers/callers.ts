// API room. From a request to whoever asks. Each kind of credential has its reader; what a credential says is asked for
// on every request and never remembered: revoked means now.
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isIdentityToken } from '../auth/identity-tokens.js';
import { ProblemError } from '../problems/problem-error.js';
import { ApiKeys, isApiKey } from './api-keys.js';
import type { AnyCaller } from './caller.js';
import { People } from './people.js';

const BEARER = /^Bearer +(\S+)$/i;

@Injectable()
export class Callers {
  constructor(
    private readonly keys: ApiKeys,
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
      const bySession = await this.people.callerBySession(request);
      if (bySession !== undefined) return bySession;
      throw new ProblemError('unauthenticated', 'Send your API key as `Authorization: Bearer fm_...`.');
    }
    const credential = BEARER.exec(header.trim())?.[1];
    if (credential !== undefined && isIdentityToken(credential)) return this.people.callerByToken(credential, request);
    if (credential === undefined || !isApiKey(credential)) {
      throw new ProblemError('key_invalid', 'This is not an API key we know.');
    }
    return this.keys.callerOf(credential);
  }
}
