// Worker. Whatever happens to the credits of an account whose owner wants to be warned: are there few left now? Saying
// so is once for each period and threshold, so that asking twice does no harm.
import type { ActivitiesInUse } from '@fairmeter/activities';
import { accountOfScope, accountScope } from '@fairmeter/domain';
import type { OutboxConsumer } from './outbox-consumer.js';
import { UNHURRIED } from './outbox-consumer.js';

export class WarnOfLowCredits implements OutboxConsumer {
  readonly reader = { name: 'warn-of-low-credits', follows: 'all_scopes', takes: 'newest' } as const;
  readonly pace = UNHURRIED;

  constructor(private readonly warnings: Pick<ActivitiesInUse['creditWarnings'], 'warn' | 'warned'>) {}

  async among(scopeIds: readonly string[] | null): Promise<readonly string[] | null> {
    const warned = await this.warnings.warned();
    if (warned === null) return scopeIds;
    const scopes = warned.map(accountScope);
    return scopeIds === null ? scopes : scopes.filter((scope) => scopeIds.includes(scope));
  }

  async handle(scopeId: string): Promise<void> {
    const accountId = accountOfScope(scopeId);
    if (accountId !== undefined) await this.warnings.warn(accountId);
  }
}
