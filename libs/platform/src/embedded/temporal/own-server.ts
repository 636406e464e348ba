// Embedded Temporal: our own server process, persisting in Postgres. Promises a frontend that answers on 127.0.0.1.
import { join } from 'node:path';
import type { ManagedProcess } from '../processes/managed-process.js';
import { passwordFor, readMemory, remember, writePrivate, type StateFolder } from '../state-folder.js';
import type { Supervisor } from '../supervisor.js';
import { prepareTemporalDatabases } from './schema.js';
import {
  defaultHistoryShards,
  dynamicConfigFile,
  dynamicSettings,
  serverConfigFile,
  type ServerPorts,
  type SqlAccess,
} from './settings.js';
import type { ServerPrograms } from './sources.js';

export interface OwnServerOptions {
  readonly programs: ServerPrograms;
  readonly adminUrl: string;
  /** Prefix of the names of Temporal's role and databases; empty in our own Postgres, where nobody else is. */
  readonly namePrefix: string;
  readonly ports: ServerPorts;
  readonly historyShards?: number | undefined;
  readonly stepsTaskQueue: string;
  readonly folder: StateFolder;
  readonly supervisor: Supervisor;
}

export interface OwnServer {
  readonly process: ManagedProcess;
  readonly historyShards: number;
}

export async function startOwnServer(options: OwnServerOptions): Promise<OwnServer> {
  const { folder, supervisor, programs } = options;
  const sql = sqlAccess(options);
  const historyShards = settledShards(options);
  await prepareTemporalDatabases({
    adminUrl: options.adminUrl,
    sql,
    sqlTool: programs.sqlTool,
    folder,
    supervisor,
    mayDrop: options.namePrefix === '',
  });
  const configPath = join(folder.temporal, 'server.yaml');
  const dynamicConfigPath = join(folder.temporal, 'dynamic-config.yaml');
  writePrivate(dynamicConfigPath, dynamicConfigFile(dynamicSettings(folder.profile, options.stepsTaskQueue)));
  writePrivate(configPath, serverConfigFile({ sql, ports: options.ports, historyShards, dynamicConfigPath }));
  const server = await supervisor.start({
    name: 'Temporal server',
    command: programs.server,
    args: ['--config-file', configPath, '--allow-no-auth', 'start'],
    cwd: folder.temporal,
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC' },
    logFile: join(folder.logs, 'temporal.log'),
    stopSignal: 'SIGTERM',
    stopWithinMs: 15_000,
  });
  return { process: server, historyShards };
}

// What the database was made with wins over any wish: the server refuses another number.
function settledShards(options: OwnServerOptions): number {
  const known = readMemory(options.folder);
  if (known.temporalSchema !== undefined && known.historyShards !== undefined) return known.historyShards;
  const wished = options.historyShards ?? defaultHistoryShards;
  remember(options.folder, { historyShards: wished });
  return wished;
}

function sqlAccess(options: OwnServerOptions): SqlAccess {
  const url = new URL(options.adminUrl);
  const user = `${options.namePrefix}temporal`;
  return {
    host: url.hostname,
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    password: passwordFor(options.folder, user),
    database: user,
    visibilityDatabase: `${user}_visibility`,
    tls: tlsOf(url.searchParams.get('sslmode')),
  };
}

function tlsOf(mode: string | null): SqlAccess['tls'] {
  if (mode === null || mode === 'disable') return 'off';
  return mode === 'verify-ca' || mode === 'verify-full' ? 'verified' : 'unverified';
}
