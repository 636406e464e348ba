// Worker. What acts on what the ledger says has happened: one class for each purpose, each with a cursor of its own.
import type { ActivitiesInUse } from '@fairmeter/activities';

type Outbox = ActivitiesInUse['outbox'];
export type OutboxReader = Parameters<Outbox['due']>[0];
export type OutboxEvents = Parameters<Parameters<Outbox['take']>[2]>[0];

export interface OutboxConsumer {
  readonly reader: OutboxReader;
  /** Called again with the same events where it throws or its process dies: what it does must bear that. */
  handle(scopeId: string, events: OutboxEvents): Promise<void>;
}
