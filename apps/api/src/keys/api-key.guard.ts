// API room. Lets in who holds a key. A key is asked for on every request and never remembered: revoked means now.
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { findApiKey, hashApiKey } from '@fairmeter/records';
import type { CanActivate, CustomDecorator, ExecutionContext } from '@nestjs/common';
import { createParamDecorator, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';
import type { KeyHolder, KeyScope } from './key-holder.js';
import { ACCOUNT_SCOPE } from './key-holder.js';

const SCOPE_METADATA = 'fairmeter:scope';

export function NeedsScope(scope: KeyScope): CustomDecorator {
  return SetMetadata(SCOPE_METADATA, scope);
}

const BEARER = /^Bearer +(\S+)$/i;
const KEY = /^fm_[A-Za-z0-9_-]{8,200}$/;

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly database: TenantDatabase,
    private readonly reflector: Reflector,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const holder = await this.holderOf(request.headers.authorization);
    const scope = this.reflector.get<KeyScope | undefined>(SCOPE_METADATA, context.getHandler());
    if (scope !== undefined) admitScope(holder, scope);
    request.keyHolder = holder;
    return true;
  }

  private async holderOf(header: string | undefined): Promise<KeyHolder> {
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

/** For what a route asks for only of some requests; of all it says so by `NeedsScope`. */
export function admitScope(holder: KeyHolder, scope: KeyScope): void {
  const members = { required_scope: scope };
  if (scope === ACCOUNT_SCOPE && holder.kind === 'bot') {
    throw new ProblemError('forbidden', 'This API key belongs to one bot; this needs a key of the account.', {
      members,
    });
  }
  if (!holder.scopes.includes(scope)) {
    throw new ProblemError('forbidden', `This API key lacks the scope ${scope}.`, { members });
  }
}

function unknownKey(): ProblemError {
  return new ProblemError('key_invalid', 'This is not an API key we know.');
}

/** The holder that the guard found; a route without the guard has none, and that is a bug. */
export const Holder = createParamDecorator((_: unknown, context: ExecutionContext): KeyHolder => {
  const { keyHolder } = context.switchToHttp().getRequest<FastifyRequest>();
  if (keyHolder === null) throw new Error('this route asks for a key holder and has no guard');
  return keyHolder;
});
