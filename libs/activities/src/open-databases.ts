// Activities room. The three pools of a worker: what writes the ledger, what hands on its events, and what reads and
// writes records.
import { ledgerEntities } from '@fairmeter/ledger/reads';
import type { Logger, WorkerConfig } from '@fairmeter/platform';
import { EntityDatabase, WriterDatabase } from '@fairmeter/platform/database';
import { recordsEntities } from '@fairmeter/records';

const OUTBOX_CONNECTIONS = 4;

export async function openWriter(config: WorkerConfig, logger: Logger): Promise<WriterDatabase> {
  return WriterDatabase.open({
    url: config.databaseUrl,
    maxConnections: config.databasePoolMax,
    applicationName: 'fairmeter-worker',
    answersWithinMs: config.databaseAnswersWithinMs,
    plansByKey: true,
    onIdleError: (error) => {
      logger.warn({ err: error }, 'an idle database connection broke');
    },
  });
}

/** Connections of its own: a consumer holds one while it works, and no posting may wait for that. */
export async function openFeeding(config: WorkerConfig): Promise<WriterDatabase> {
  return WriterDatabase.open({
    url: config.databaseUrl,
    maxConnections: OUTBOX_CONNECTIONS,
    applicationName: 'fairmeter-outbox',
    answersWithinMs: config.databaseAnswersWithinMs,
  });
}

export async function openRecords(config: WorkerConfig): Promise<EntityDatabase> {
  return EntityDatabase.open({
    url: config.databaseUrl,
    maxConnections: config.databasePoolMax,
    entities: [...ledgerEntities, ...recordsEntities],
    applicationName: 'fairmeter-worker-records',
    // An answer is saved before the ledger commits the end of its step, and that commit flushes whatever was logged
    // before it: waiting for the disk twice would make nothing safer.
    waitForDisk: false,
    plansOnce: 'all',
    answersWithinMs: config.databaseAnswersWithinMs,
  });
}
