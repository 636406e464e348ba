// Test harness. The real stack inside a test: own database, own Temporal namespace, worker and API in this process.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openActivities, type ActivitiesInUse } from '@fairmeter/activities';
import type {
  AutoTopUpActivities,
  CompensationActivities,
  ControlActivities,
  ErasureActivities,
  GrantActivities,
  KeptPaymentActivities,
  PersonErasureActivities,
  JobActivities,
  ReconcileActivities,
  ReportedActivities,
  ReturnedPaymentActivities,
  ReviewAnalysisActivities,
  StepActivities,
  SubscriptionActivities,
  SubscriptionPaymentActivities,
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
import type { PaymentPort } from '@fairmeter/providers/payments';
import type { ToolPort } from '@fairmeter/providers/tools';
import { recordsEntities } from '@fairmeter/records';
import { DefaultLogger, Runtime, type NativeConnection } from '@temporalio/worker';
import { startApi, type RunningApi } from '../../apps/api/src/api-server.js';
import { consumersOf } from '../../apps/worker/src/dispatcher/consumers.js';
import { Dispatcher } from '../../apps/worker/src/dispatcher/dispatcher.js';
import { workflowsAsked } from '../../apps/worker/src/reconcile/temporal-workflows.js';
import { WebhookSender } from '../../apps/worker/src/webhooks/webhook-sender.js';
import { WorkerHost } from '../../apps/worker/src/worker-host.js';
import { CHECKOUT } from './checkout.js';
import { openTestDatabase, type TestDatabase } from './test-database.js';
import { testServers } from './test-servers.js';

export const WORKFLOW_BUNDLE = join(CHECKOUT, 'libs/workflows/dist/workflow-bundle.js');

/** What somebody says and who they are is hashed with it, in every test. */
const VISITOR_HASH_KEY = Buffer.alloc(32, 5).toString('base64url');

/** Receivers of tests are on this machine. */
const WEBHOOKS = {
  WEBHOOK_SEALING_KEY: Buffer.alloc(32, 6).toString('base64url'),
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
};

const silent = createLogger({ service: 'test', level: 'silent', pretty: false });

// Faults are what many suites are about: only what the SDK itself gets wrong is worth a line on the screen.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export interface TestStackOptions {
  readonly models?: ModelPort;
  readonly tools?: ToolPort;
  /** Whoever takes the money; unless set, the demo's, where all is paid at once. */
  readonly payments?: PaymentPort;
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
    readonly compensationActivities?: Partial<CompensationActivities>;
    readonly controlActivities?: Partial<ControlActivities>;
    readonly reportedActivities?: Partial<ReportedActivities>;
    readonly erasureActivities?: Partial<ErasureActivities>;
    readonly grantActivities?: Partial<GrantActivities>;
    readonly subscriptionActivities?: Partial<SubscriptionActivities>;
    readonly subscriptionPayments?: Partial<SubscriptionPaymentActivities & ReturnedPaymentActivities>;
    readonly reconcileActivities?: Partial<ReconcileActivities>;
    readonly personErasureActivities?: Partial<PersonErasureActivities>;
    readonly autoTopUps?: Partial<AutoTopUpActivities & KeptPaymentActivities>;
    readonly reviewAnalysis?: Partial<ReviewAnalysisActivities>;
  };
  /** 0 replays every workflow from its start at every task. */
  readonly maxCachedWorkflows?: number;
  readonly shutdownGraceMs?: number;
  /** Its steps hear of a stop within it; unless set, sooner than in production. */
  readonly heartbeatMs?: number;
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
    const [database, temporal] = await Promise.all([openTestDatabase(), openNamespace(temporalAddress, namespace)]);
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

  get running(): readonly RunningWorker[] {
    return [...this.workers];
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
      ...WEBHOOKS,
      ...this.options.worker,
      ...env,
    });
  }

  async startWorker(models: ModelPort | undefined = this.options.models): Promise<RunningWorker> {
    return this.startWorkerLike(models === undefined ? {} : { models });
  }

  async startWorkerLike(wish: WorkerWish): Promise<RunningWorker> {
    const config = this.workerConfig(wish.env);
    const { models, tools, payments } = { ...this.options, ...wish };
    const parts = await openActivities(config, silent, {
      ...(models === undefined ? {} : { models }),
      ...(tools === undefined ? {} : { tools }),
      ...(payments === undefined ? {} : { payments }),
      heartbeatMs: wish.heartbeatMs ?? 500,
    });
    const around = wish.around?.(parts);
    const host = await WorkerHost.create({
      connection: this.workerConnection,
      namespace: this.namespace,
      workflowBundle: { codePath: WORKFLOW_BUNDLE },
      jobActivities: laidOver(parts.jobActivities, around?.jobActivities),
      stepActivities: around?.stepActivities ?? parts.stepActivities,
      compensationActivities: laidOver(parts.compensationActivities, around?.compensationActivities),
      controlActivities: laidOver(parts.controlActivities, around?.controlActivities),
      reportedActivities: laidOver(parts.reportedActivities, around?.reportedActivities),
      erasureActivities: laidOver(parts.erasureActivities, around?.erasureActivities),
      grantActivities: laidOver(parts.grantActivities, around?.grantActivities),
      personErasureActivities: laidOver(parts.personErasureActivities, around?.personErasureActivities),
      customPlanActivities: parts.customPlanActivities,
      purchaseActivities: parts.purchaseActivities,
      subscriptionActivities: laidOver(parts.subscriptionActivities, around?.subscriptionActivities),
      autoTopUps: laidOver(parts.autoTopUps, around?.autoTopUps),
      subscriptionPayments: laidOver(parts.subscriptionPayments, around?.subscriptionPayments),
      reviewActivities: parts.reviewActivities,
      reviewAnalysis: laidOver(parts.reviewAnalysis, around?.reviewAnalysis),
      termsActivities: parts.termsActivities,
      webhooks: parts.webhooks,
      reconcileActivities: laidOver(parts.reconciliation(workflowsAsked(this.temporal)), around?.reconcileActivities),
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
    const dispatcher = new Dispatcher({ outbox, consumers: consumersOf(parts, this.temporal), logger: silent });
    const sender = new WebhookSender({ webhooks: parts.webhooks, temporal: this.temporal, logger: silent });
    if (wish.wakes !== false) {
      dispatcher.start();
      sender.start();
    }
    let failure: Error | undefined;
    host.run((error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    const worker: RunningWorker = {
      parts,
      stop: async () => {
        this.workers = this.workers.filter((other) => other !== worker);
        await host.shutdown();
        await sender.stop();
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
      VISITOR_HASH_KEY,
      ...WEBHOOKS,
      ...this.options.api,
    };
  }
}

/** Takes as long as cloning a database does, and waits for the server rather than for this process. */
async function openNamespace(address: string, namespace: string): Promise<TemporalClient> {
  const temporal = await connectTemporal({ address, namespace });
  await ensureNamespace(temporal.connection, namespace, 1);
  return temporal;
}

/** The real activities but for those a test stands in front of. */
function laidOver<T extends object>(real: T, over: Partial<T> = {}): T {
  return new Proxy(real, {
    get: (target, name): unknown => Reflect.get(over, name) ?? Reflect.get(target, name),
  });
}
