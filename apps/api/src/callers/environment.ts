// API room. Which environment somebody is shown. A test key sees the test environment and nothing else; everybody else
// sees live, and of an account's figures the test environment where the request names it.
import type { Environment } from '@fairmeter/domain';
import { accountScopeIn, ENVIRONMENTS } from '@fairmeter/domain';
import { z } from 'zod';
import { ProblemError } from '../problems/problem-error.js';
import type { Caller, Viewer } from './caller.js';
import { isKey } from './caller.js';

export const environmentField = z
  .enum(ENVIRONMENTS)
  .optional()
  .describe('Of which environment; `live` by default. A key of the test environment is shown that one alone.');

/** Where this caller acts. */
export function environmentOfAsking(caller: Viewer): Environment {
  return isKey(caller) ? caller.environment : 'live';
}

export function environmentShown(caller: Viewer, asked: Environment | undefined): Environment {
  const own = environmentOfAsking(caller);
  if (own === 'test' && asked === 'live') throw ofOther(own);
  return asked ?? own;
}

/** Of jobs a key is shown those of its own environment; all others see both, as far as jobs are shown to them. */
export function environmentOfJobs(caller: Viewer, asked: Environment | undefined): Environment {
  const own = environmentOfAsking(caller);
  if (isKey(caller) && asked !== undefined && asked !== own) throw ofOther(own);
  return asked ?? own;
}

/** The scope of the caller's account, in the environment that the caller is shown. */
export function scopeShown(caller: Viewer, asked: Environment | undefined): string {
  return accountScopeIn(environmentShown(caller, asked), caller.accountId);
}

/** For what there is live alone. */
export function admitLive(caller: Caller): void {
  if (environmentOfAsking(caller) === 'test') throw ofOther('test');
}

function ofOther(environment: Environment): ProblemError {
  const members = { environment };
  return new ProblemError('forbidden', `This API key is of the ${environment} environment alone.`, { members });
}
