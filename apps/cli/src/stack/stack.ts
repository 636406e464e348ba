// Command line: the whole stack, in the order of its needs. Promises that what it returns answers requests.
import { join } from 'node:path';
import {
  noteRunning,
  providePostgres,
  provideTemporal,
  settlePorts,
  type OpenState,
  type PostgresInUse,
  type StackPorts,
  type StartedTemporal,
} from '@fairmeter/platform/embedded';
import {
  connectTemporal,
  describeMissing,
  ensureNamespace,
  missingForStack,
  probeTemporal,
  type TemporalCapabilities,
} from '@fairmeter/platform/temporal';
import { temporalSecurityFor, type Settings } from '../settings.js';
import type { Terminal } from '../terminal/terminal.js';
import { DEMO_PEOPLE } from '../issuer/demo-people.js';
import { localIssuerSetting, startLocalIssuer } from '../issuer/local-issuer.js';
import { startApps, takesPayments } from './apps.js';
import type { DatabaseCommands, DemoSeed } from './database-port.js';

export interface StackContext {
  readonly state: OpenState;
  readonly settings: Settings;
  readonly terminal: Terminal;
}

export interface Servers {
  readonly ports: StackPorts;
  readonly postgres: PostgresInUse;
  readonly temporal: StartedTemporal;
  readonly capabilities: TemporalCapabilities;
}

export interface Stack extends Servers {
  readonly apiUrl: string;
  readonly workerMetricsUrl: string;
  readonly demo: DemoSeed;
  /** Where people sign in; undefined where the person's own issuers do that. */
  readonly issuerUrl: string | undefined;
  /** For what an operator does by hand, such as a grant. */
  readonly writerUrl: string;
}

export class StackCannotWorkError extends Error {
  constructor(missing: readonly string[]) {
    super(['The stack cannot work on this Temporal server:', ...missing.map((one) => `  - ${one}`)].join('\n'));
    this.name = 'StackCannotWorkError';
  }
}

/** Postgres, Temporal, its namespace. `alongside` runs while Temporal starts: it needs Postgres alone. */
export async function startServers<T>(
  { state, settings, terminal }: StackContext,
  alongside: (postgres: PostgresInUse) => Promise<T>,
): Promise<Servers & { readonly alongside: T }> {
  const ports = await settlePorts(state.folder, settings.servers.ports);
  const context = { state, config: settings.servers, ports, report: terminal };
  const postgres = await providePostgres(context);
  terminal.line(`Postgres: ${postgres.source}`);
  const [temporal, result] = await Promise.all([provideTemporal(context, postgres), alongside(postgres)]);
  const capabilities = await openNamespace(settings, temporal);
  terminal.line(`Temporal: ${temporal.address}, ${temporal.source}, namespace ${settings.servers.namespace}`);
  if (temporal.historyShards !== undefined) {
    terminal.line(`          ${temporal.historyShards} history shards, retention ${settings.retentionDays} days`);
  }
  note({ state, settings }, { ports, postgres, temporal });
  return { ports, postgres, temporal, capabilities, alongside: result };
}

export async function startStack(context: StackContext, database: DatabaseCommands): Promise<Stack> {
  const { state, settings, terminal } = context;
  const databaseState = { path: state.folder.path, embedded: settings.servers.databaseUrl === undefined };
  const servers = await startServers(context, async ({ adminUrl }) => {
    const urls = await database.provisionAndMigrate({ adminUrl, state: databaseState });
    const wish = { writerUrl: urls.writerUrl, state: databaseState, takesPayments: takesPayments(settings.env) };
    return { urls, demo: await database.seedDemo(wish) };
  });
  reportCapabilities(servers.capabilities, terminal);
  const issuerUrl = await signInFor(context, {
    ports: servers.ports,
    writerUrl: servers.alongside.urls.writerUrl,
    database,
  });
  const apps = await startApps(state, {
    checkout: settings.checkout,
    env: settings.env,
    urls: servers.alongside.urls,
    temporalAddress: servers.temporal.address,
    namespace: settings.servers.namespace,
    apiPort: servers.ports.api,
    workerMetricsPort: servers.ports.workerMetrics,
    oidcIssuers: issuerUrl === undefined ? undefined : localIssuerSetting(issuerUrl),
  });
  note(context, servers, apps.apiUrl);
  const { demo, urls } = servers.alongside;
  return { ...servers, ...apps, demo, issuerUrl, writerUrl: urls.writerUrl };
}

interface SignInParts {
  readonly ports: StackPorts;
  readonly writerUrl: string;
  readonly database: DatabaseCommands;
}

/** A person who has named issuers is asked for nothing by ours. Ours lives in this process, and ends with it. */
async function signInFor(
  { state, settings }: StackContext,
  { ports, writerUrl, database }: SignInParts,
): Promise<string | undefined> {
  if ((settings.env['OIDC_ISSUERS'] ?? '').trim() !== '') return undefined;
  const keyFile = join(state.folder.path, 'issuer-key.json');
  const { url } = await startLocalIssuer({ port: ports.issuer, keyFile });
  await database.seedMembers(writerUrl, { issuer: url, people: DEMO_PEOPLE });
  return url;
}

function note(
  { state, settings }: Omit<StackContext, 'terminal'>,
  servers: Omit<Servers, 'capabilities'>,
  apiUrl?: string,
): void {
  noteRunning(state.folder, {
    adminUrl: servers.postgres.adminUrl,
    temporalAddress: servers.temporal.address,
    temporalSource: servers.temporal.source,
    temporalKind: servers.temporal.kind,
    namespace: settings.servers.namespace,
    ports: servers.ports.all,
    ...(apiUrl === undefined ? {} : { apiUrl }),
  });
}

export function reportCapabilities(capabilities: TemporalCapabilities, terminal: Terminal): void {
  const fatal = missingForStack(capabilities);
  if (fatal.length > 0) throw new StackCannotWorkError(fatal);
  for (const sentence of describeMissing(capabilities)) terminal.line(`  note: ${sentence}`);
}

async function openNamespace(settings: Settings, temporal: StartedTemporal): Promise<TemporalCapabilities> {
  const { namespace } = settings.servers;
  const { address } = temporal;
  const temporalClient = await connectTemporal({ address, namespace, ...temporalSecurityFor(settings, address) });
  const { connection } = temporalClient;
  try {
    await ensureNamespace(connection, namespace, settings.retentionDays);
    // A server that we started was told to be fair; of another one nobody can ask it.
    const fairness = temporal.kind === 'given' ? 'unknown' : 'on';
    return await probeTemporal(connection, { namespace, fairness });
  } finally {
    await temporalClient.close();
  }
}
