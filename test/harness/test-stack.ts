// Test harness. The real stack inside a test: own database, own Temporal namespace, worker and API in this process.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openActivities, type ActivitiesInUse } from '@fairmeter/activities';
import type {
  ControlActivities,
  ErasureActivities,
  JobActivities,
  ReportedActivities,
  StepActivities,
} from '@fairmeter/contracts';
import { LotLedger, JobLedger, LedgerStore, TermsLedger } from '@fairmeter/ledger';
import { ledgerEntities } from '@fairmeter/ledger/reads';
import type { WorkerConfig } from '@fairmeter/platform';
import { createLogger, parseApiConfig, parseWorkerConfig } from '@fairmeter/platform';
import { EntityDatabase, WriterDatabase } from '@fairmeter/platform/database';
import {
  connectTemporal,
  connectTemporalWorker,
  ensureNamespace,
  type TemporalClient,
} from '@fairmeter/platform/temporal';
import type { ModelPort } from '@fairmeter/providers';
import type { ToolPort } from '@fairmeter/providers/tools';
import { recordsEntities } from '@fairmeter/records';
import { DefaultLogger, Runtime, type NativeConnection } from '@temporalio/worker';
import { startApi, type RunningApi } from '../../apps/api/src/api-server.js';
import { Dispatcher } from '../../apps/worker/src/dispatcher/dispatcher.js';
import { WakeWaitingJobs } from '../../apps/worker/src/dispatcher/wake-waiting-jobs.js';
import { WorkerHost } from '../../apps/worker/src/worker-host.js';
import { CHECKOUT } from './checkout.js';
import { openTestDatabase, type TestDatabase } from './test-database.js';
import { testServers } from './test-servers.js';

export const WORKFLOW_BUNDLE = join(CHECKOUT, 'libs/workflows/dist/workflow-bundle.js');

const silent = createLogger({ service: 'test', level: 'silent', pretty: false });

// Faults are what many suites are about: only what the SDK itself gets wrong is worth a line on the screen.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export interface TestStackOptions {
  readonly models?: ModelPort;
  readonly tools?: ToolPort;
  /** Environment of the API beyond what the harness sets, such as ADMIT_DEADLINE_MS. */
  readonly api?: Readonly<Record<string, string>>;
  readonly worker?: Readonly<Record<string, string>>;
}

/** A worker unlike the usual one. */
export interface WorkerWish {
  readonly models?: ModelPort;
  /** Environment of this worker alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** Lets a test stand between Temporal and an activity, where a machine could die. */
  readonly around?: (parts: ActivitiesInUse) => {
    readonly jobActivities?: Partial<JobActivities>;
    readonly stepActivities?: StepActivities;
    readonly controlActivities?: Partial<ControlActivities>;
    readonly reportedActivities?: Partial<ReportedActivities>;
    readonly erasureActivities?: Partial<ErasureActivities>;
  };
  /** 0 replays every workflow from its start at every task. */
  readonly maxCachedWorkflows?: number;
  readonly shutdownGraceMs?: number;
  /** False for a worker that does not act on what the ledger says has happened. */
  readonly wakes?: boolean;
}

export interface RunningWorker {
  readonly parts: ActivitiesInUse;
  /** Drains as in production. */
  stop(): Promise<void>;
}

export class TestStack {
  private workers: RunningWorker[] = [];
  private apis: RunningApi[] = [];
  readonly jobs: JobLedger;
  readonly grants: LotLedger;
  readonly terms: TermsLedger;

  private constructor(
    readonly database: TestDatabase,
    readonly temporal: TemporalClient,
    readonly namespace: string,
    readonly writer: WriterDatabase,
    readonly entities: EntityDatabase,
    private readonly workerConnection: NativeConnection,
    private readonly options: TestStackOptions,
  ) {
    const store = new LedgerStore(writer);
    this.jobs = new JobLedger(store);
    this.grants = new LotLedger(store);
    this.terms = new TermsLedger(store);
  }

  /** Servers only; start API and worker as the test needs them. */
  static async open(options: TestStackOptions = {}): Promise<TestStack> {
    const { temporalAddress } = testServers();
    const namespace = `test-${randomBytes(6).toString('hex')}`;
    const database = await openTestDatabase();
    const temporal = await connectTemporal({ address: temporalAddress, namespace });
    await ensureNamespace(temporal.connection, namespace, 1);
    const workerConnection = await connectTemporalWorker({ address: temporalAddress });
    const writer = await WriterDatabase.open({
      url: database.writerUrl,
      maxConnections: 4,
      applicationName: 'test-writer',
    });
    const entities = await EntityDatabase.open({
      url: database.writerUrl,
      maxConnections: 2,
      entities: [...ledgerEntities, ...recordsEntities],
      applicationName: 'test-entities',
    });
    return new TestStack(database, temporal, namespace, writer, entities, workerConnection, options);
  }

  /** Servers, one worker and one API. */
  static async start(options: TestStackOptions = {}): Promise<TestStack> {
    const stack = await TestStack.open(options);
    await stack.startWorker();
    await stack.startApi();
    return stack;
  }

  get apiUrl(): string {
    const url = this.apis.at(-1)?.url;
    if (url === undefined) throw new Error('this test started no API');
    return url;
  }

  workerConfig(env: Readonly<Record<string, string>> = {}): WorkerConfig {
    return parseWorkerConfig({
      DATABASE_WRITER_URL: this.database.writerUrl,
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      TEMPORAL_NAMESPACE: this.namespace,
      PAYMENTS: 'demo',
      ...this.options.worker,
      ...env,
    });
  }

  async startWorker(models: ModelPort | undefined = this.options.models): Promise<RunningWorker> {
    return this.startWorkerLike(models === undefined ? {} : { models });
  }

  async startWorkerLike(wish: WorkerWish): Promise<RunningWorker> {
    const config = this.workerConfig(wish.env);
    const models = wish.models ?? this.options.models;
    const { tools } = this.options;
    const parts = await openActivities(config, silent, {
      ...(models === undefined ? {} : { models }),
      ...(tools === undefined ? {} : { tools }),
    });
    const around = wish.around?.(parts);
    const host = await WorkerHost.create({
      connection: this.workerConnection,
      namespace: this.namespace,
      workflowBundle: { codePath: WORKFLOW_BUNDLE },
      jobActivities: laidOver(parts.jobActivities, around?.jobActivities),
      stepActivities: around?.stepActivities ?? parts.stepActivities,
      controlActivities: laidOver(parts.controlActivities, around?.controlActivities),
      reportedActivities: laidOver(parts.reportedActivities, around?.reportedActivities),
      erasureActivities: laidOver(parts.erasureActivities, around?.erasureActivities),
      purchaseActivities: parts.purchaseActivities,
      termsActivities: parts.termsActivities,
      jobSlots: config.jobSlots,
      stepSlots: config.stepSlots,
      shutdownGraceMs: wish.shutdownGraceMs ?? 500,
      identity: `test-${randomBytes(3).toString('hex')}`,
      ...(wish.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: wish.maxCachedWorkflows }),
    }).catch(async (error: unknown) => {
      // A second worker on the same queues is refused: what was opened for it must not keep the process alive.
      await parts.close();
      throw error;
    });
    const { outbox } = parts;
    const consumers = [new WakeWaitingJobs(outbox, this.temporal)];
    const dispatcher = new Dispatcher({ outbox, consumers, logger: silent });
    if (wish.wakes !== false) dispatcher.start();
    let failure: Error | undefined;
    host.run((error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    const worker: RunningWorker = {
      parts,
      stop: async () => {
        this.workers = this.workers.filter((other) => other !== worker);
        await host.shutdown();
        await dispatcher.stop();
        await parts.close();
        if (failure !== undefined) throw failure;
      },
    };
    this.workers.push(worker);
    return worker;
  }

  async startApi(env: Readonly<Record<string, string>> = {}): Promise<RunningApi> {
    const api = await startApi(parseApiConfig({ ...this.apiEnvironment(), ...env }), silent);
    this.apis.push(api);
    return api;
  }

  /** One of several, before the rest of the stack. */
  async stopApi(api: RunningApi): Promise<void> {
    this.apis = this.apis.filter((other) => other !== api);
    await api.close();
  }

  async stop(): Promise<void> {
    for (const api of this.apis) await api.close();
    for (const worker of [...this.workers]) await worker.stop();
    await this.entities.close();
    await this.writer.close();
    await this.workerConnection.close();
    await this.temporal.close();
    await this.database.drop();
  }

  private apiEnvironment(): Readonly<Record<string, string>> {
    return {
      DATABASE_READER_URL: this.database.readerUrl,
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      TEMPORAL_NAMESPACE: this.namespace,
      ...this.options.api,
    };
  }
}

/** The real activities but for those a test stands in front of. */
function laidOver<T extends object>(real: T, over: Partial<T> = {}): T {
  return new Proxy(real, {
    get: (target, name): unknown => Reflect.get(over, name) ?? Reflect.get(target, name),
  });
}
