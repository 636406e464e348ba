// Bench room, the stack. The real servers, API and worker, started by the same code as `npm start` in a profile of
// their own that begins empty every time.
import { join } from 'node:path';
import { withClient, withDatabase } from '@fairmeter/platform/database';
import type { OpenState } from '@fairmeter/platform/embedded';
import { keptPasswords, provisionAndMigrate, DATABASE_NAME } from '../../apps/cli/src/database/provision.js';
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
}

export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const { state, settings, terminal } = options;
  const servers = await startServers({ state, settings, terminal }, async ({ adminUrl }) => {
    const urls = await provisionAndMigrate({
      adminUrl,
      passwords: keptPasswords(state.folder.path),
      pricesFolder: join(settings.checkout, 'prices'),
    });
    return { urls, bots: await seedBench(urls.writerUrl, options.accounts) };
  });
  reportCapabilities(servers.capabilities, terminal);
  const { urls, bots } = servers.alongside;
  const apps = await startApps(state, {
    checkout: settings.checkout,
    env: {
      ...settings.env,
      LOG_LEVEL: 'warn',
      JOB_SLOTS: String(BENCH_SLOTS.jobSlots),
      STEP_SLOTS: String(BENCH_SLOTS.stepSlots),
      MODEL_SCRIPT_FILE: join(settings.checkout, 'bench', 'model-script.json'),
    },
    urls,
    temporalAddress: servers.temporal.address,
    namespace: settings.servers.namespace,
    apiPort: servers.ports.api,
    workerMetricsPort: servers.ports.workerMetrics,
  });
  return { ...servers, urls, bots, apiUrl: apps.apiUrl, pids: processIds(state) };
}

function processIds(state: OpenState): ReadonlyMap<string, number> {
  return new Map(state.supervisor.processes.map(({ name, pid }) => [name, pid]));
}

/** What decides the figures on the side of Postgres, as the server itself says it. */
export async function postgresSettings(adminUrl: string): Promise<Readonly<Record<string, string>>> {
  const names = [
    'server_version',
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'shared_buffers',
    'max_wal_size',
    'max_connections',
  ];
  return withClient(withDatabase(adminUrl, DATABASE_NAME), async (client) => {
    const { rows } = await client.query<{ name: string; value: string }>(
      'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
      [names],
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.value]));
  });
}
