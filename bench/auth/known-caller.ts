// Bench room, who is asking. Loaded into a process before the API's own build starts in it, and there alone: the
// account routes are left without their guard, and everyone who asks is one known caller. The API has no setting for
// that.
import { pathToFileURL } from 'node:url';
import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import type { AccountKeyCaller } from '../../apps/api/src/callers/caller.js';

export interface KnownCallerOptions {
  /** Of the build that will start in this process: another copy of the class would change nothing. */
  readonly controllerFile: string;
  readonly caller: AccountKeyCaller;
}

const { controllerFile, caller } = JSON.parse(process.argv[2] ?? '{}') as KnownCallerOptions;

/** What is left of the guard: routes read the caller from their request. */
@Injectable()
class KnownCaller implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<{ caller: AccountKeyCaller | null }>().caller = caller;
    return true;
  }
}

const { AccountController } = (await import(pathToFileURL(controllerFile).href)) as Record<string, unknown>;
if (typeof AccountController !== 'function') throw new Error(`${controllerFile} has no AccountController`);
SetMetadata(GUARDS_METADATA, [KnownCaller])(AccountController);
