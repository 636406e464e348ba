// Command line. How an operator's command reaches a ledger: a database that was named, the stack that runs, or the
// stopped stack's Postgres, started for the length of the command. Promises to make no cluster where there is none.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  providePostgres,
  readMemory,
  readRunning,
  settlePorts,
  stateFolder,
  whoRuns,
  type OpenState,
  type StateFolder,
} from '@fairmeter/platform/embedded';
import { withDatabase, withLogin, WRITER_ROLE, type RolePasswords } from '@fairmeter/platform/database';
import type { CommandContext } from '../commands/command.js';
import { withState } from '../stack/with-state.js';
import { DATABASE_NAME } from './provision.js';

export class NoLedgerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoLedgerError';
  }
}

/** For people: which database a command works on. */
export interface NamedUrl {
  readonly url: string;
  readonly source: string;
}

export function devFolder({ settings }: Pick<CommandContext, 'settings'>): StateFolder {
  return stateFolder(settings.stateRoot, 'dev');
}

/** Where the cluster of a profile lies, whether it was made yet or not. */
export function dataFolder(folder: StateFolder): string {
  return join(readMemory(folder).postgresHome ?? join(folder.path, 'postgres'), 'data');
}

export function hasCluster(folder: StateFolder): boolean {
  return existsSync(join(dataFolder(folder), 'PG_VERSION'));
}

/** Gives `work` the writer's way in. */
export async function withLedger<T>(
  context: CommandContext,
  purpose: string,
  work: (ledger: NamedUrl) => Promise<T>,
): Promise<T> {
  const { env, servers } = context.settings;
  const given = env['DATABASE_WRITER_URL'];
  if (given !== undefined && given !== '') return work({ url: given, source: 'the database of DATABASE_WRITER_URL' });
  const folder = devFolder(context);
  if (whoRuns(folder) === undefined && servers.databaseUrl !== undefined) {
    const password = env['FAIRMETER_WRITER_PASSWORD'] ?? knownPasswords(folder)?.[WRITER_ROLE];
    if (password === undefined || password === '') {
      throw new NoLedgerError(
        `DATABASE_URL is set, but not how ${WRITER_ROLE} logs in: set DATABASE_WRITER_URL or FAIRMETER_WRITER_PASSWORD`,
      );
    }
    return work({ url: writerUrl(servers.databaseUrl, password), source: 'the database of DATABASE_URL' });
  }
  return withAdmin(context, { purpose }, ({ url, source }) => {
    const password = knownPasswords(folder)?.[WRITER_ROLE];
    if (password === undefined)
      throw new NoLedgerError(`${folder.path} knows no ${WRITER_ROLE}: run \`migrate\` first`);
    return work({ url: writerUrl(url, password), source });
  });
}

/** Gives `work` the administrator's way into the embedded stack's Postgres, which is started if nothing runs. */
export async function withAdmin<T>(
  context: CommandContext,
  { purpose, mayInitialise = false }: { readonly purpose: string; readonly mayInitialise?: boolean },
  work: (admin: NamedUrl) => Promise<T>,
): Promise<T> {
  const folder = devFolder(context);
  const holder = whoRuns(folder);
  if (holder !== undefined) {
    const running = readRunning(folder);
    if (running === undefined) {
      throw new NoLedgerError(`${holder.purpose} (process ${holder.pid}) is not up yet: try again when it is`);
    }
    return work({ url: running.adminUrl, source: `the stack that ${holder.purpose} runs` });
  }
  if (!mayInitialise && !hasCluster(folder)) {
    throw new NoLedgerError(`there is no database in ${folder.path} yet: \`npm start\` makes one`);
  }
  const { terminal, signals, exitNow } = context;
  return withState({ folder, purpose, terminal, signals, exitNow }, async (state) =>
    work(await startAlone(context, state)),
  );
}

/** Postgres and nothing else, in a profile that this process holds. */
export async function startAlone({ settings, terminal }: CommandContext, state: OpenState): Promise<NamedUrl> {
  const ports = await settlePorts(state.folder, settings.servers.ports);
  const config = { ...settings.servers, databaseUrl: undefined };
  const { adminUrl, source } = await providePostgres({ state, config, ports, report: terminal });
  return { url: adminUrl, source };
}

export function writerUrl(adminUrl: string, password: string): string {
  return withLogin(withDatabase(adminUrl, DATABASE_NAME), WRITER_ROLE, password);
}

/** Unlike `keptPasswords` it makes none: a command that looks must not leave passwords behind that nobody set. */
export function knownPasswords(folder: StateFolder): RolePasswords | undefined {
  const file = join(folder.path, 'database-roles.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RolePasswords) : undefined;
}
