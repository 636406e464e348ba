// Domain room. The two environments of an account: live, and test, where its test keys act. The environment of a lot, a
// job, an entry or a limit is that of its scope: nothing of one environment can lie in the other.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { credits } from '../amounts/micro-credits.js';
import { accountScope } from './entry.js';

export const ENVIRONMENTS = ['live', 'test'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** What the test keys of an account may use together in a calendar month; what is left of it ends with the month. */
export const TEST_ALLOWANCE: MicroCredits = credits(1_000n);

const TEST = 'test/';

/** The scope in which the test keys of an account act. */
export function testScope(accountId: string): string {
  return `${TEST}${accountId}`;
}

/** The scope of an account's own lots and limits in one of its environments. */
export function accountScopeIn(environment: Environment, accountId: string): string {
  return environment === 'test' ? testScope(accountId) : accountScope(accountId);
}

export function environmentOf(scopeId: string): Environment {
  return scopeId.startsWith(TEST) ? 'test' : 'live';
}
