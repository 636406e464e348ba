// API room. From the header of a request to whoever holds its key. A key is asked for on every request and never
// remembered: revoked means now.
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { findApiKey, hashApiKey } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';
import type { KeyHolder } from './key-holder.js';

const BEARER = /^Bearer +(\S+)$/i;
const KEY = /^fm_[A-Za-z0-9_-]{8,200}$/;

@Injectable()
export class ApiKeys {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** Asked once for each request: before its body where that may be large, else when its route is known. */
  async holderOf(request: FastifyRequest): Promise<KeyHolder> {
    request.keyHolder ??= await this.find(request.headers.authorization);
    return request.keyHolder;
  }

  private async find(header: string | undefined): Promise<KeyHolder> {
    if (header === undefined || header.trim() === '') {
      throw new ProblemError('unauthenticated', 'Send your API key as `Authorization: Bearer fm_...`.');
    }
    const key = BEARER.exec(header.trim())?.[1];
    if (key === undefined || !KEY.test(key)) throw unknownKey();
    const found = await this.database.beforeTenant(async (tx) => findApiKey(tx, hashApiKey(key)));
    if (found === null) throw unknownKey();
    if (found.revokedAt !== null) throw new ProblemError('key_revoked', 'This API key was revoked. Use another one.');
    if (found.expiresAt !== null && found.expiresAt <= this.clock.now()) {
      throw new ProblemError('key_expired', 'This API key has expired. Use another one.');
    }
    const { keyId, accountId, botId, scopes } = found;
    return botId === null
      ? { kind: 'account', keyId, accountId, scopes }
      : { kind: 'bot', keyId, accountId, botId, scopes };
  }
}

function unknownKey(): ProblemError {
  return new ProblemError('key_invalid', 'This is not an API key we know.');
}
