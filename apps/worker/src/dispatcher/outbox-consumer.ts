// Worker. What acts on what the ledger says has happened: one class for each purpose, each with a cursor of its own.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Instant } from '@fairmeter/domain';

type Outbox = ActivitiesInUse['outbox'];
export type OutboxReader = Parameters<Outbox['due']>[0];
export type OutboxEvents = Parameters<Parameters<Outbox['take']>[2]>[0];

export interface OutboxConsumer {
  readonly reader: OutboxReader;
  /** Which of the scopes in which something happened matter to it; of null, all that may have. Null: each. */
  among?(scopeIds: readonly string[] | null): Promise<readonly string[] | null>;
  /** What happened in the scope before is no news to it; asked after `among`. */
  since?(scopeId: string): Instant | undefined;
  /** Called again with the same events where it throws or its process dies: what it does must bear that. */
  handle(scopeId: string, events: OutboxEvents): Promise<void>;
}
