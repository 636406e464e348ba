// Ledger room. The half of `environmentOf` that statements need: in which environment something happened, by the scope
// that its row names.
import type { Environment } from '@fairmeter/domain';

/** An index knows the test half of it by these very words. */
export const inEnvironment = (scopeId: string, environment: Environment): string =>
  `${scopeId} ${environment === 'test' ? 'LIKE' : 'NOT LIKE'} 'test/%'`;
