// API room. Lets in who has a right to what the route does, by the table of rights.
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { applyDecorators, createParamDecorator, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { VisitorRates } from '../visitors/visitor-rates.js';
import type { AnyCaller, Caller, KeyScope, StaffCaller, VisitorCaller } from './caller.js';
import { ACCOUNT_SCOPE, isKey, mayBe } from './caller.js';
import { Callers } from './callers.js';
import type { OperationId } from './rights.js';
import { isPaced, rightOf } from './rights.js';

const OPERATION_METADATA = 'fairmeter:operation';

interface OperationWords {
  readonly operationId: OperationId;
  readonly summary: string;
  readonly description?: string;
}

/** What a route does, by the name under which the documents and the table of rights know it. */
export function Operation(words: OperationWords): MethodDecorator {
  return applyDecorators(ApiOperation(words), SetMetadata(OPERATION_METADATA, words.operationId));
}

@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly callers: Callers,
    private readonly rates: VisitorRates,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<OperationId | undefined>(OPERATION_METADATA, context.getHandler());
    if (operation === undefined) throw new Error('a guarded route says by no name what it does');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.callers.callerOf(request);
    admit(caller, operation);
    if (caller.kind === 'visitor' && isPaced(operation)) await this.rates.take(caller, request.ip);
    return true;
  }
}

export function admit(caller: AnyCaller, operation: OperationId): void {
  const { roles, scope } = rightOf(operation);
  if (isKey(caller) && scope !== undefined) admitScope(caller, scope);
  if (roles.includes(caller.role)) return;
  throw new ProblemError('forbidden', `Not for the role ${caller.role}.`, { members: { roles } });
}

/** For what a route asks for only of some requests; what it asks for of all is in the table of rights. */
export function admitScope(caller: Caller, scope: KeyScope): void {
  const members = { required_scope: scope };
  if (!isKey(caller)) return;
  if (scope === ACCOUNT_SCOPE && caller.kind === 'bot') {
    throw new ProblemError('forbidden', 'This API key belongs to one bot; this needs a key of the account.', {
      members,
    });
  }
  if (!caller.scopes.includes(scope)) {
    throw new ProblemError('forbidden', `This API key lacks the scope ${scope}.`, { members });
  }
}

/** For a route that is about one bot. Another's is answered as one that is not there. */
export function admitBot(caller: AnyCaller, botId: string): void {
  if (caller.kind === 'staff' || !mayBe(caller, botId)) throw refusalProblem({ code: 'bot_not_found' }, 0);
}

/** The caller that the guard found; a route without the guard has none, and that is a bug. */
function found(context: ExecutionContext): AnyCaller {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === null) throw new Error('this route asks for a caller and has no guard');
  return caller;
}

/** Who asks inside of an account; the table of rights must name no staff for the route. */
export const Asking = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = found(context);
  if (caller.kind === 'staff') throw new Error('this route is for callers of an account and was opened to staff');
  return caller;
});

/** The table of rights must name visitors alone for the route. */
export const AskingVisitor = createParamDecorator((_: unknown, context: ExecutionContext): VisitorCaller => {
  const caller = found(context);
  if (caller.kind !== 'visitor') throw new Error('this route is for visitors and was opened to others');
  return caller;
});

/** Who of the platform asks; the table of rights must name staff alone for the route. */
export const AskingStaff = createParamDecorator((_: unknown, context: ExecutionContext): StaffCaller => {
  const caller = found(context);
  if (caller.kind !== 'staff') throw new Error('this route is for staff and was opened to others');
  return caller;
});
