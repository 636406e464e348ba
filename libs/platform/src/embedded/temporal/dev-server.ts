// Embedded Temporal: the `temporal` program's dev server, where our own cannot be had. Promises the same dynamic
// settings and a database file in the state folder.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../processes/managed-process.js';
import type { StateFolder } from '../state-folder.js';
import type { Supervisor } from '../supervisor.js';
import { dynamicConfigFlags, dynamicSettings } from './settings.js';
import { isExecutable } from './sources.js';

export interface DevServerOptions {
  readonly program: string;
  readonly ports: { readonly frontend: number; readonly frontendHttp: number };
  readonly namespace: string;
  readonly stepsTaskQueue: string;
  readonly folder: StateFolder;
  readonly supervisor: Supervisor;
}

export function devServerArguments(options: DevServerOptions): readonly string[] {
  return [
    'server',
    'start-dev',
    '--headless',
    '--ip',
    '127.0.0.1',
    '--port',
    String(options.ports.frontend),
    '--http-port',
    String(options.ports.frontendHttp),
    '--db-filename',
    join(options.folder.temporal, 'dev-server.sqlite'),
    '--namespace',
    options.namespace,
    '--log-level',
    'warn',
    ...dynamicConfigFlags(dynamicSettings(options.folder.profile, options.stepsTaskQueue)),
  ];
}

export function startDevServer(options: DevServerOptions): Promise<ManagedProcess> {
  return options.supervisor.start({
    name: 'Temporal dev server',
    command: options.program,
    args: devServerArguments(options),
    cwd: options.folder.temporal,
    // The program looks for its configuration under HOME; an empty one keeps a person's own settings out.
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', HOME: options.folder.temporal },
    logFile: join(options.folder.logs, 'temporal.log'),
    stopSignal: 'SIGTERM',
    stopWithinMs: 15_000,
  });
}

/**
 * Lets the SDK download the program into the cache and answers its path. The SDK offers the download only together with
 * a server it starts itself, so one is started for a moment: ours has to be a child whose pid and end we know.
 */
export async function downloadDevServer(cacheRoot: string): Promise<string> {
  const folder = join(cacheRoot, 'temporal-cli');
  mkdirSync(folder, { recursive: true });
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder, ttl: '30 days' } },
  });
  await environment.teardown();
  const found = readdirSync(folder)
    .map((name) => join(folder, name))
    .find(isExecutable);
  if (found === undefined) throw new Error(`the SDK's download left no program in ${folder}`);
  return found;
}
