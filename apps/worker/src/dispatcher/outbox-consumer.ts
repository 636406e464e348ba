// Worker. What acts on what the ledger says has happened: one class for each purpose, each with a cursor of its own.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Instant } from '@fairmeter/domain';

type Outbox = ActivitiesInUse['outbox'];
export type OutboxReader = Parameters<Outbox['due']>[0];
export type OutboxEvents = Parameters<Parameters<Outbox['take']>[2]>[0];

/** How often a consumer may be served: each time costs questions to the database, whether or not anything is due. */
export interface Pace {
  /** News is handed on at once, but no sooner than this after the last time: what came meanwhile, all together. */
  readonly newsMs: number;
  /** Where nothing is heard it looks by itself so often: for what a lost message would have told. */
  readonly lookMs: number;
}

/** Somebody waits for it. */
export const PROMPT: Pace = { newsMs: 0, lookMs: 1_000 };
/** A second more or less makes no difference to whoever is told. */
export const UNHURRIED: Pace = { newsMs: 1_000, lookMs: 5_000 };

export interface OutboxConsumer {
  readonly reader: OutboxReader;
  /** Left out, it is prompt. */
  readonly pace?: Pace;
  /** Which of the scopes in which something happened matter to it; of null, all that may have. Null: each. */
  among?(scopeIds: readonly string[] | null): Promise<readonly string[] | null>;
  /** What happened in the scope before is no news to it; asked after `among`. */
  since?(scopeId: string): Instant | undefined;
  /** Called again with the same events where it throws or its process dies: what it does must bear that. */
  handle(scopeId: string, events: OutboxEvents): Promise<void>;
}
