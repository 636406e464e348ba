// Bench room, who is asking. Two API processes of the same build on the same database: one as it is, one that knows who
// asks. Promises both the same settings, and that each is what it is called.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logTail } from '@fairmeter/platform/embedded';
import { childEnvironment, stopBounds } from '../../apps/cli/src/stack/apps.js';
import type { ScenarioContext } from '../scenarios/scenario.js';
import type { BenchAccountKey } from '../stack/seed-bench.js';
import type { KnownCallerOptions } from './known-caller.js';

export interface BenchApi {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

export interface BenchApis {
  readonly checked: BenchApi;
  readonly bare: BenchApi;
  /** Of both. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const LISTENS_WITHIN_MS = 60_000;
/** Nobody listens there: the measured route asks Temporal for nothing, and the connection opens with the first call. */
const NO_TEMPORAL = '127.0.0.1:9';

export async function startBenchApis(
  context: ScenarioContext,
  readerUrl: string,
  key: BenchAccountKey,
): Promise<BenchApis> {
  const { settings } = context;
  const env = childEnvironment(
    settings.env,
    { temporalAddress: NO_TEMPORAL, namespace: settings.servers.namespace },
    { DATABASE_READER_URL: readerUrl, API_HOST: '127.0.0.1', API_PORT: '0', LOG_LEVEL: 'warn' },
  );
  const build = join(settings.checkout, 'apps', 'api', 'dist');
  const main = join(build, 'main.js');
  const known: KnownCallerOptions = {
    controllerFile: join(build, 'account', 'account.controller.js'),
    caller: { kind: 'account', role: 'account_key', environment: 'live', ...key },
  };
  const preload = new URL('known-caller.js', import.meta.url).href;
  return {
    checked: await start(context, env, { name: 'API', args: [main] }),
    bare: await start(context, env, { name: 'bare API', args: ['--import', preload, main, JSON.stringify(known)] }),
    env,
  };
}

interface ApiStart {
  readonly name: string;
  readonly args: readonly string[];
}

async function start(
  { state, settings }: ScenarioContext,
  env: BenchApis['env'],
  { name, args }: ApiStart,
): Promise<BenchApi> {
  const file = name.toLowerCase().replaceAll(' ', '-');
  const portFile = join(state.folder.path, `${file}.port`);
  rmSync(portFile, { force: true });
  const api = await state.supervisor.start({
    name,
    command: process.execPath,
    args,
    cwd: settings.checkout,
    env: { ...env, API_PORT_FILE: portFile },
    logFile: join(state.folder.logs, `${file}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: stopBounds(settings.env).apiMs,
  });
  const deadline = performance.now() + LISTENS_WITHIN_MS;
  while (!existsSync(portFile)) {
    if (api.hasEnded() || performance.now() > deadline) {
      throw new Error(`${name} does not listen. The end of ${api.logFile}:\n${logTail(api.logFile)}`);
    }
    await sleep(50);
  }
  return { name, url: `http://127.0.0.1:${readFileSync(portFile, 'utf8')}`, pid: api.pid };
}
