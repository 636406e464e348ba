// Embedded Postgres: one server of the state folder. Promises Postgres 18 on 127.0.0.1 with fsync on, reachable by
// password only, started by us and ended by us.
import { execFile } from 'node:child_process';
import { chownSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { logTail, type ManagedProcess } from '../processes/managed-process.js';
import type { Reporter } from '../reporter.js';
import { passwordFor, removePath, writePrivate, type StateFolder } from '../state-folder.js';
import type { Supervisor } from '../supervisor.js';
import { postgresAccount, type SystemAccount } from './account.js';
import { preparePostgresHome, type PostgresHome } from './home.js';
import { removeStalePostmasterFile } from './postmaster-file.js';

export interface EmbeddedPostgres {
  /** A superuser's URL: for provisioning alone, never handed to API or worker. */
  readonly adminUrl: string;
  readonly port: number;
  readonly home: string;
  readonly runsAs: string;
  readonly process: ManagedProcess;
}

export interface PostgresOptions {
  readonly folder: StateFolder;
  readonly port: number;
  readonly supervisor: Supervisor;
  readonly report: Reporter;
}

const adminName = 'postgres';
/** Nothing of the caller's environment: a PGPORT or PGDATA in it must not reach the server. */
const programEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
/** Crash recovery after a SIGKILL under load has to fit in. */
const startWithinMs = 60_000;
const stopWithinMs = 20_000;

export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { folder, port, supervisor, report } = options;
  const who = postgresAccount((line) => report.line(line));
  const home = preparePostgresHome(folder, who, (line) => report.line(line));
  const password = passwordFor(folder, adminName);
  if (!existsSync(join(home.data, 'PG_VERSION'))) await initialise(home, who, password);
  removeStalePostmasterFile(home.data);
  const server = await supervisor.start({
    name: 'Postgres',
    command: home.binaries.postgres,
    args: ['-D', home.data, '-p', String(port), ...serverSettings()],
    cwd: home.path,
    env: programEnvironment,
    logFile: join(folder.logs, 'postgres.log'),
    stopSignal: 'SIGINT',
    stopWithinMs,
    ...(who === undefined ? {} : { runAs: { uid: who.uid, gid: who.gid } }),
  });
  const adminUrl = `postgresql://${adminName}:${password}@127.0.0.1:${port}/postgres`;
  await untilReady(adminUrl, server);
  return { adminUrl, port, home: home.path, runsAs: who?.name ?? 'this user', process: server };
}

// No fsync setting here: it is on by default and stays on, also in tests, so that what is measured is what is run.
function serverSettings(): readonly string[] {
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Temporal's pools, the API's, the worker's and the tests' together.
    max_connections: '300',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%u@%d ',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

// Into a folder beside and then renamed: a start killed in the middle leaves no half-made cluster.
async function initialise(home: PostgresHome, who: SystemAccount | undefined, password: string): Promise<void> {
  const draft = `${home.data}.new`;
  removePath(draft);
  removePath(home.data);
  const passwordFile = join(home.path, 'initial-password');
  writePrivate(passwordFile, `${password}\n`);
  if (who !== undefined) chownSync(passwordFile, who.uid, who.gid);
  try {
    await promisify(execFile)(
      home.binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${adminName}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The built-in locale sorts alike on every machine, whatever its C library thinks.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      {
        cwd: home.path,
        env: programEnvironment,
        ...(who === undefined ? {} : { uid: who.uid, gid: who.gid }),
      },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, home.data);
}

async function untilReady(adminUrl: string, server: ManagedProcess): Promise<void> {
  const deadline = performance.now() + startWithinMs;
  for (;;) {
    if (server.hasEnded()) throw new Error(`Postgres ended while starting. Its log:\n${logTail(server.logFile)}`);
    if (await answers(adminUrl)) return;
    if (performance.now() > deadline) {
      await server.stop();
      throw new Error(`Postgres did not answer within ${startWithinMs / 1000} s. Its log:\n${logTail(server.logFile)}`);
    }
    await sleep(25);
  }
}

async function answers(adminUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
