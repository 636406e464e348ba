// Bench room, the stack. The real servers, API and worker, started by the same code as `npm start` in a profile of
// their own that begins empty every time.
import { join } from 'node:path';
import type { Program } from '@fairmeter/domain';
import type { OpenState } from '@fairmeter/platform/embedded';
import { keptPasswords, provisionAndMigrate, reviewedFiles } from '../../apps/cli/src/database/provision.js';
import type { Settings } from '../../apps/cli/src/settings.js';
import { startApps } from '../../apps/cli/src/stack/apps.js';
import type { DatabaseUrls } from '../../apps/cli/src/stack/database-port.js';
import { reportCapabilities, startServers, type Servers } from '../../apps/cli/src/stack/stack.js';
import type { Terminal } from '../../apps/cli/src/terminal/terminal.js';
import { seedBench, type BenchBot } from './seed-bench.js';
import { BENCH_SLOTS } from './worker-slots.js';

export interface BenchStack extends Servers {
  readonly urls: DatabaseUrls;
  readonly apiUrl: string;
  readonly bots: readonly BenchBot[];
  /** Process ids by the names of the processes. */
  readonly pids: ReadonlyMap<string, number>;
}

export interface BenchStackOptions {
  readonly state: OpenState;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly accounts: number;
  readonly programs: readonly Program[];
  /** What the model says; by default the three steps of `submit`. */
  readonly scriptFile?: string;
  /** Who may say who somebody is, where people sign in. */
  readonly oidcIssuers?: string;
}

export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const { state, settings, terminal } = options;
  const servers = await startServers({ state, settings, terminal }, async ({ adminUrl }) => {
    const urls = await provisionAndMigrate({
      adminUrl,
      passwords: keptPasswords(state.folder.path),
      ...reviewedFiles(settings.checkout),
    });
    return { urls, bots: await seedBench(urls.writerUrl, options.accounts, options.programs) };
  });
  reportCapabilities(servers.capabilities, terminal);
  const { urls, bots } = servers.alongside;
  const apps = await startApps(state, {
    checkout: settings.checkout,
    env: {
      ...settings.env,
      LOG_LEVEL: 'warn',
      ...workerEnvironment(options.scriptFile ?? benchScript(settings.checkout)),
    },
    urls,
    temporalAddress: servers.temporal.address,
    namespace: settings.servers.namespace,
    apiPort: servers.ports.api,
    workerMetricsPort: servers.ports.workerMetrics,
    ...(options.oidcIssuers === undefined ? {} : { oidcIssuers: options.oidcIssuers }),
  });
  return { ...servers, urls, bots, apiUrl: apps.apiUrl, pids: processIds(state) };
}

/** For one in the place of the worker that the stack began with, too. */
export function workerEnvironment(scriptFile: string): Readonly<Record<string, string>> {
  const { jobSlots, stepSlots } = BENCH_SLOTS;
  return { JOB_SLOTS: String(jobSlots), STEP_SLOTS: String(stepSlots), MODEL_SCRIPT_FILE: scriptFile };
}

export function benchScript(checkout: string): string {
  return join(checkout, 'bench', 'model-script.json');
}

function processIds(state: OpenState): ReadonlyMap<string, number> {
  return new Map(state.supervisor.processes.map(({ name, pid }) => [name, pid]));
}
