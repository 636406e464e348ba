// API room. Lets in who holds a key, and one that may do what the route asks for.
import type { CanActivate, CustomDecorator, ExecutionContext } from '@nestjs/common';
import { createParamDecorator, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { ApiKeys } from './api-keys.js';
import type { KeyHolder, KeyScope } from './key-holder.js';
import { ACCOUNT_SCOPE, mayBe } from './key-holder.js';

const SCOPE_METADATA = 'fairmeter:scope';

export function NeedsScope(scope: KeyScope): CustomDecorator {
  return SetMetadata(SCOPE_METADATA, scope);
}

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly keys: ApiKeys,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const holder = await this.keys.holderOf(context.switchToHttp().getRequest<FastifyRequest>());
    const scope = this.reflector.get<KeyScope | undefined>(SCOPE_METADATA, context.getHandler());
    if (scope !== undefined) admitScope(holder, scope);
    return true;
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

/** For a route that is about one bot. Another's is answered as one that is not there. */
export function admitBot(holder: KeyHolder, botId: string): void {
  if (!mayBe(holder, botId)) throw refusalProblem({ code: 'bot_not_found' }, 0);
}

/** The holder that the guard found; a route without the guard has none, and that is a bug. */
export const Holder = createParamDecorator((_: unknown, context: ExecutionContext): KeyHolder => {
  const { keyHolder } = context.switchToHttp().getRequest<FastifyRequest>();
  if (keyHolder === null) throw new Error('this route asks for a key holder and has no guard');
  return keyHolder;
});
