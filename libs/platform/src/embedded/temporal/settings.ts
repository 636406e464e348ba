// Embedded Temporal: what the server is told. Pure: the same settings go to our own server as files and to a dev server
// as flags. Promises fairness on, one partition for metered steps, limits that a bench on one machine does not hit.
import { stringify } from 'yaml';
import type { Profile } from '../state-folder.js';

export const temporalServerVersion = '1.32.1';

/**
 * Histories are spread over this many shards. It cannot be changed once the first row is written. 64 keeps tens of
 * workflows in flight from queueing behind one another's shard lock on a machine of few cores, and costs no start time
 * that can be noticed; a production cluster chooses its own.
 */
export const defaultHistoryShards = 64;

export interface DynamicSetting {
  readonly key: string;
  readonly value: boolean | number | string;
  readonly taskQueue?: string;
}

export function dynamicSettings(profile: Profile, stepsTaskQueue: string): readonly DynamicSetting[] {
  const ofFairQueues = profile === 'test' ? {} : { taskQueue: stepsTaskQueue };
  return [
    { key: 'matching.enableFairness', value: true },
    // Fairness is kept per partition, so a fair queue has one. Each suite of tests has queues of its own with little in
    // them: four partitions of each would only be loaded, leased and forwarded.
    { key: 'matching.numTaskqueueReadPartitions', value: 1, ...ofFairQueues },
    { key: 'matching.numTaskqueueWritePartitions', value: 1, ...ofFairQueues },
    // Only tests may move time: in a stack with real people a skipped month would be a charged month.
    { key: 'frontend.WorkflowTimeSkippingEnabled', value: profile === 'test' },
    // A closed workflow is deleted once its queue has noted that its end is done: every 30 s unless told otherwise, and
    // tests wait for it.
    ...(profile === 'test' ? [{ key: 'history.transferProcessorUpdateAckInterval', value: '1s' }] : []),
    // A run that begins within a second of the one before is put off by that second, in which skipped time would pass
    // over its timers.
    ...(profile === 'test' ? [{ key: 'history.workflowIdReuseMinimalInterval', value: '0s' }] : []),
    // A timer fires up to this much late, a second unless told otherwise: it makes up for clocks that differ between
    // machines, and here is one. Skipped time would take a second at each of its stops.
    ...(profile === 'test' ? [{ key: 'history.timerProcessorMaxTimeShift', value: '20ms' }] : []),
    // Each namespace has a worker of the server's own that polls for schedules and batches. Nobody here has any, and
    // each suite of tests has a namespace of its own: two hundred of them are polled for until the run ends.
    ...(profile === 'test' ? [{ key: 'worker.perNamespaceWorkerCount', value: 0 }] : []),
    // The defaults protect a shared cluster. Here they would be measured instead of the work.
    { key: 'frontend.rps', value: 50_000 },
    { key: 'frontend.namespaceRPS', value: 50_000 },
    { key: 'frontend.namespaceCount', value: 20_000 },
    { key: 'frontend.namespaceRPS.visibility', value: 2_000 },
    { key: 'frontend.persistenceMaxQPS', value: 50_000 },
    { key: 'history.rps', value: 50_000 },
    { key: 'history.persistenceMaxQPS', value: 100_000 },
    { key: 'matching.rps', value: 50_000 },
    { key: 'matching.persistenceMaxQPS', value: 50_000 },
  ];
}

export function dynamicConfigFile(settings: readonly DynamicSetting[]): string {
  const entries = settings.map(({ key, value, taskQueue }): [string, unknown] => [
    key,
    [{ value, ...(taskQueue === undefined ? {} : { constraints: { taskQueueName: taskQueue } }) }],
  ]);
  return stringify(Object.fromEntries(entries));
}

/** A dev server takes no constraints on its command line: there one partition holds for every queue. */
export function dynamicConfigFlags(settings: readonly DynamicSetting[]): readonly string[] {
  return settings.flatMap(({ key, value }) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]);
}

export interface SqlAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly visibilityDatabase: string;
  readonly tls: 'off' | 'unverified' | 'verified';
}

export interface ServerPorts {
  readonly frontend: number;
  readonly frontendHttp: number;
  readonly frontendMembership: number;
  readonly history: number;
  readonly historyMembership: number;
  readonly matching: number;
  readonly matchingMembership: number;
  readonly worker: number;
  readonly workerMembership: number;
}

export interface ServerConfig {
  readonly sql: SqlAccess;
  readonly ports: ServerPorts;
  readonly historyShards: number;
  readonly dynamicConfigPath: string;
}

/** All four services in one process, on 127.0.0.1 only, persisting in Postgres. */
export function serverConfigFile(config: ServerConfig): string {
  const { ports } = config;
  const frontendAddress = `127.0.0.1:${ports.frontend}`;
  return stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: config.historyShards,
      datastores: {
        // Each of the four services opens a pool of its own, so these count four times against max_connections.
        default: { sql: datastore(config.sql, config.sql.database, 30) },
        visibility: { sql: datastore(config.sql, config.sql.visibilityDatabase, 8) },
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: rpc(ports.frontend, ports.frontendMembership, { httpPort: ports.frontendHttp }),
      history: rpc(ports.history, ports.historyMembership),
      matching: rpc(ports.matching, ports.matchingMembership),
      worker: rpc(ports.worker, ports.workerMembership),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: frontendAddress },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    namespaceDefaults: { archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } } },
    publicClient: { hostPort: frontendAddress },
    dynamicConfigClient: { filepath: config.dynamicConfigPath, pollInterval: '10s' },
  });
}

function datastore(sql: SqlAccess, databaseName: string, maxConns: number): Record<string, unknown> {
  return {
    pluginName: 'postgres12',
    databaseName,
    connectAddr: `${sql.host}:${sql.port}`,
    connectProtocol: 'tcp',
    user: sql.user,
    password: sql.password,
    maxConns,
    maxIdleConns: maxConns,
    maxConnLifetime: '1h',
    ...(sql.tls === 'off' ? {} : { tls: { enabled: true, enableHostVerification: sql.tls === 'verified' } }),
  };
}

function rpc(grpcPort: number, membershipPort: number, more: Record<string, number> = {}): Record<string, unknown> {
  return { rpc: { grpcPort, membershipPort, bindOnLocalHost: true, ...more } };
}
