// Embedded servers: Postgres and Temporal of one profile, in one call each. Promises chosen and remembered ports, the
// given servers instead of own ones wherever an address was given, and a file that tells `doctor` what runs.
import type { TemporalSecurity } from '../config/shared-settings.js';
import { choosePorts } from './ports.js';
import { startPostgres } from './postgres/server.js';
import type { OpenState } from './open-state.js';
import type { Reporter } from './reporter.js';
import { readJson, readMemory, remember, writePrivateJson, type StateFolder } from './state-folder.js';
import { startTemporal, type StartedTemporal } from './temporal/start.js';

export interface ServersConfig {
  /** A Postgres to use instead of an own one: the URL of a role that may create roles and databases. */
  readonly databaseUrl?: string | undefined;
  readonly temporalAddress?: string | undefined;
  /** For the server of `temporalAddress`; one that is started here listens on the loopback, in plain text. */
  readonly temporalSecurity?: TemporalSecurity | undefined;
  readonly namespace: string;
  readonly stepsTaskQueue: string;
  readonly historyShards?: number | undefined;
  readonly cacheRoot: string;
  readonly ports: FixedPorts;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Ports set by a person; the rest are chosen. */
export interface FixedPorts {
  readonly postgres?: number | undefined;
  readonly temporal?: number | undefined;
  readonly api?: number | undefined;
  readonly workerMetrics?: number | undefined;
  readonly issuer?: number | undefined;
}

export interface StackPorts {
  readonly postgres: number;
  readonly api: number;
  readonly workerMetrics: number;
  /** Of the local sign-in. */
  readonly issuer: number;
  readonly temporal: number;
  readonly all: Readonly<Record<string, number>>;
}

export interface PostgresInUse {
  readonly adminUrl: string;
  readonly embedded: boolean;
  /** For people: where it runs and as whom. */
  readonly source: string;
}

/** Written while a stack runs, so that other commands can look at it. No passwords but in the admin URL: mode 0600. */
export interface RunningStack {
  readonly adminUrl: string;
  readonly temporalAddress: string;
  readonly temporalSource: string;
  /** Tells where Temporal keeps its workflows: `own` is the only kind that keeps them in the same Postgres. */
  readonly temporalKind?: StartedTemporal['kind'];
  readonly namespace: string;
  readonly ports: Readonly<Record<string, number>>;
  /** Absent while only the servers run. */
  readonly apiUrl?: string;
}

const serverPorts = [
  'temporal',
  'temporalHttp',
  'temporalFrontendMembership',
  'temporalHistory',
  'temporalHistoryMembership',
  'temporalMatching',
  'temporalMatchingMembership',
  'temporalWorker',
  'temporalWorkerMembership',
] as const;

export async function settlePorts(folder: StateFolder, fixed: FixedPorts): Promise<StackPorts> {
  const remembered = readMemory(folder).ports ?? {};
  const all = await choosePorts([
    { name: 'postgres', fixed: fixed.postgres, remembered: remembered['postgres'] },
    { name: 'api', fixed: fixed.api, remembered: remembered['api'] },
    { name: 'workerMetrics', fixed: fixed.workerMetrics, remembered: remembered['workerMetrics'] },
    { name: 'issuer', fixed: fixed.issuer, remembered: remembered['issuer'] },
    ...serverPorts.map((name) => ({
      name,
      fixed: name === 'temporal' ? fixed.temporal : undefined,
      remembered: remembered[name],
    })),
  ]);
  remember(folder, { ports: all });
  const port = (name: string): number => all[name] ?? 0;
  return {
    postgres: port('postgres'),
    api: port('api'),
    workerMetrics: port('workerMetrics'),
    issuer: port('issuer'),
    temporal: port('temporal'),
    all,
  };
}

/** What both servers need to be provided. */
export interface ProvisionContext {
  readonly state: OpenState;
  readonly config: ServersConfig;
  readonly ports: StackPorts;
  readonly report: Reporter;
}

export async function providePostgres({ state, config, ports, report }: ProvisionContext): Promise<PostgresInUse> {
  if (config.databaseUrl !== undefined) {
    return { adminUrl: config.databaseUrl, embedded: false, source: 'the server of DATABASE_URL' };
  }
  const own = await startPostgres({ ...state, port: ports.postgres, report });
  return {
    adminUrl: own.adminUrl,
    embedded: true,
    source: `embedded Postgres on 127.0.0.1:${own.port}, run by ${own.runsAs}, files in ${own.home}`,
  };
}

export function provideTemporal(context: ProvisionContext, postgres: PostgresInUse): Promise<StartedTemporal> {
  const { state, config, ports, report } = context;
  const port = (name: (typeof serverPorts)[number]): number => ports.all[name] ?? 0;
  return startTemporal({
    ...state,
    ...config,
    address: config.temporalAddress,
    security: config.temporalSecurity,
    postgres,
    report,
    ports: {
      frontend: port('temporal'),
      frontendHttp: port('temporalHttp'),
      frontendMembership: port('temporalFrontendMembership'),
      history: port('temporalHistory'),
      historyMembership: port('temporalHistoryMembership'),
      matching: port('temporalMatching'),
      matchingMembership: port('temporalMatchingMembership'),
      worker: port('temporalWorker'),
      workerMembership: port('temporalWorkerMembership'),
    },
  });
}

export function noteRunning(folder: StateFolder, running: RunningStack): void {
  writePrivateJson(folder.runningFile, running);
}

export function readRunning(folder: StateFolder): RunningStack | undefined {
  return readJson(folder.runningFile) as RunningStack | undefined;
}
