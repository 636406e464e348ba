// Bench room, the ledger. Postgres alone, as the product starts it, with a migrated database to copy from: a copy is
// as empty as the first one was, and costs less than a second.
import {
  READER_ROLE,
  withClient,
  withDatabase,
  withLogin,
  WRITER_ROLE,
  WriterDatabase,
} from '@fairmeter/platform/database';
import { providePostgres, settlePorts } from '@fairmeter/platform/embedded';
import { keptPasswords, provisionAndMigrate, reviewedFiles } from '../../apps/cli/src/database/provision.js';
import type { ScenarioContext } from '../scenarios/scenario.js';

export interface BenchDatabase {
  readonly name: string;
  readonly adminUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
}

export interface BenchPostgres {
  readonly pid: number;
  /** A copy of the empty migrated database. */
  newDatabase(name: string): Promise<BenchDatabase>;
}

const TEMPLATE = 'bench_template';

export async function startBenchPostgres({ state, settings, terminal }: ScenarioContext): Promise<BenchPostgres> {
  const ports = await settlePorts(state.folder, settings.servers.ports);
  // The embedded one even where a server was named: what is measured is what a checkout runs.
  const config = { ...settings.servers, databaseUrl: undefined };
  const { adminUrl } = await providePostgres({ state, config, ports, report: terminal });
  const passwords = keptPasswords(state.folder.path);
  await provisionAndMigrate({ adminUrl, database: TEMPLATE, passwords, ...reviewedFiles(settings.checkout) });
  const pid = state.supervisor.processes.find((process) => process.name === 'Postgres')?.pid;
  if (pid === undefined) throw new Error('Postgres was started and has no process');
  return {
    pid,
    newDatabase: async (name) => {
      await withClient(adminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`));
      const own = withDatabase(adminUrl, name);
      return {
        name,
        adminUrl: own,
        writerUrl: withLogin(own, WRITER_ROLE, passwords[WRITER_ROLE]),
        readerUrl: withLogin(own, READER_ROLE, passwords[READER_ROLE]),
      };
    },
  };
}

/** As the worker opens it: few large statements, planned once. */
export async function openWriter(database: BenchDatabase, maxConnections: number): Promise<WriterDatabase> {
  return WriterDatabase.open({
    url: database.writerUrl,
    maxConnections,
    applicationName: 'bench-ledger',
    plansByKey: true,
  });
}
