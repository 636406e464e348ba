// Activities room. Everything behind the activities, made in the order of its needs: database, ledger, models.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type {
  CheckoutActivities,
  ControlActivities,
  ErasureActivities,
  JobActivities,
  PaymentActivities,
  ReportedActivities,
  StepActivities,
  TermsActivities,
} from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import {
  JobControlLedger,
  JobLedger,
  LedgerStore,
  LotLedger,
  OutboxFeed,
  ReportedLedger,
  TermsLedger,
} from '@fairmeter/ledger';
import { ledgerEntities } from '@fairmeter/ledger/reads';
import type { Logger, WorkerConfig } from '@fairmeter/platform';
import { systemClock } from '@fairmeter/platform';
import { EntityDatabase, WriterDatabase } from '@fairmeter/platform/database';
import type { ModelPort, ScriptBook } from '@fairmeter/providers';
import { createModelPort, parseScript, ScriptedModel } from '@fairmeter/providers';
import type { PaymentPort } from '@fairmeter/providers/payments';
import { DemoPayments, NoPayments, openStripe } from '@fairmeter/providers/payments';
import type { ToolPort } from '@fairmeter/providers/tools';
import { OUR_TOOLS, ScriptedTools } from '@fairmeter/providers/tools';
import {
  forgetFreeRates,
  forgetWorker,
  recordsEntities,
  sweepArtefacts,
  sweepReplies,
  touchWorker,
} from '@fairmeter/records';
import { JobControlActivities } from './jobs/job-control.activities.js';
import { JobMemory } from './jobs/job-memory.js';
import { policyOf, refundCapOf } from './jobs/loop-rules.js';
import { JobActivitiesOverLedger } from './jobs/job.activities.js';
import { PurchaseActivities } from './purchases/purchase.activities.js';
import { ReportedJobActivities } from './reported/reported-job.activities.js';
import { StepActivitiesOverPorts } from './steps/step.activities.js';
import { TokenShelf } from './steps/token-shelf.js';
import { Turnstile } from './steps/turnstile.js';
import { TermsActivitiesOverLedger } from './terms/terms.activities.js';
import { VisitorErasureActivities } from './visitors/visitor-erasure.activities.js';
import { sweepFiles } from './workspaces/file-sweep.js';
import { WorkspaceShelf } from './workspaces/workspace-shelf.js';

export interface ActivitiesInUse {
  readonly jobActivities: JobActivities;
  readonly stepActivities: StepActivities;
  readonly controlActivities: ControlActivities;
  readonly reportedActivities: ReportedActivities;
  readonly erasureActivities: ErasureActivities;
  readonly purchaseActivities: CheckoutActivities & PaymentActivities;
  readonly termsActivities: TermsActivities;
  /** What happened in the ledger, for whoever must act on it. */
  readonly outbox: OutboxFeed;
  /** Says to whoever asks for readiness that this worker lives. */
  sayAlive(worker: { readonly id: string; readonly version: string }): Promise<void>;
  sayGone(workerId: string): Promise<void>;
  /** Frees some ZIPs, files and stored answers that have expired, and says how many: none when nothing is left. */
  sweepArtefacts(): Promise<number>;
  close(): Promise<void>;
}

/** What lies outside: a test or a demo may bring scripted ones. */
export interface World {
  readonly models: ModelPort;
  readonly tools: ToolPort;
  readonly payments: PaymentPort;
}

export async function openActivities(
  config: WorkerConfig,
  logger: Logger,
  world: Partial<World> = {},
): Promise<ActivitiesInUse> {
  const script = config.modelScriptFile === undefined ? null : scriptBook(config.modelScriptFile);
  const writer = await openWriter(config, logger);
  const entities = await openRecords(config);
  const memory = new JobMemory();
  // Connections of its own: a consumer holds one while it works, and no posting may wait for that.
  const feeding = await WriterDatabase.open({
    url: config.databaseUrl,
    maxConnections: OUTBOX_CONNECTIONS,
    applicationName: 'fairmeter-outbox',
  });
  const store = new LedgerStore(writer);
  const jobs = new JobLedger(store);
  const control = new JobControlLedger(store);
  return {
    jobActivities: new JobActivitiesOverLedger({
      jobs,
      entities,
      clock: systemClock,
      memory,
      loopPolicy: policyOf(config.loops),
      refundCap: refundCapOf(config.loops),
      waitMs: config.waitForCreditsMs,
      idleMs: config.reportedIdleMs,
      stepMs: config.reportedStepMs,
    }),
    reportedActivities: new ReportedJobActivities({
      reported: new ReportedLedger(store),
      control,
      entities,
      memory,
      clock: systemClock,
    }),
    erasureActivities: new VisitorErasureActivities({ entities, lots: new LotLedger(store) }),
    purchaseActivities: new PurchaseActivities({
      entities,
      lots: new LotLedger(store),
      payments: world.payments ?? (await paymentsFrom(config)),
      clock: systemClock,
    }),
    termsActivities: new TermsActivitiesOverLedger({ terms: new TermsLedger(store), entities }),
    controlActivities: new JobControlActivities({ control, entities, memory, clock: systemClock }),
    outbox: new OutboxFeed(feeding),
    stepActivities: new StepActivitiesOverPorts({
      jobs,
      control,
      entities,
      models: world.models ?? modelsFrom(config, script),
      tools: world.tools ?? toolsFrom(script),
      memory,
      tokens: new TokenShelf(),
      shelf: new WorkspaceShelf(entities),
      turnstile: new Turnstile(config.stepsBeginAtOnce ?? availableParallelism()),
    }),
    sayAlive: (worker) => touchWorker(entities.manager, worker),
    sayGone: (workerId) => forgetWorker(entities.manager, workerId),
    sweepArtefacts: async () => sweep(entities),
    close: async () => {
      await OUR_TOOLS.stop();
      await feeding.close();
      await entities.close();
      await writer.close();
    },
  };
}

const OUTBOX_CONNECTIONS = 4;

async function sweep({ manager }: EntityDatabase): Promise<number> {
  const now = instant(systemClock.now());
  await forgetFreeRates(manager);
  const replies = await sweepReplies(manager, now);
  return replies + (await sweepArtefacts(manager, now)) + (await sweepFiles(manager, now));
}

async function openWriter(config: WorkerConfig, logger: Logger): Promise<WriterDatabase> {
  return WriterDatabase.open({
    url: config.databaseUrl,
    maxConnections: config.databasePoolMax,
    applicationName: 'fairmeter-worker',
    plansByKey: true,
    onIdleError: (error) => {
      logger.warn({ err: error }, 'an idle database connection broke');
    },
  });
}

async function openRecords(config: WorkerConfig): Promise<EntityDatabase> {
  return EntityDatabase.open({
    url: config.databaseUrl,
    maxConnections: config.databasePoolMax,
    entities: [...ledgerEntities, ...recordsEntities],
    applicationName: 'fairmeter-worker-records',
    // An answer is saved before the ledger commits the end of its step, and that commit flushes whatever was logged
    // before it: waiting for the disk twice would make nothing safer.
    waitForDisk: false,
    plansOnce: true,
  });
}

function modelsFrom({ openai, anthropic }: WorkerConfig, script: ScriptBook | null): ModelPort {
  return createModelPort({
    // Calls are kept for tests to look at; a long-lived worker keeps few, they hold whole prompts.
    ...(script === null ? {} : { scripted: new ScriptedModel(script, { callsMax: 10 }) }),
    ...(openai === undefined
      ? {}
      : { openai: { apiKey: openai.apiKey, baseUrl: openai.baseUrl ?? 'https://api.openai.com/v1' } }),
    ...(anthropic === undefined
      ? {}
      : { anthropic: { apiKey: anthropic.apiKey, baseUrl: anthropic.baseUrl ?? 'https://api.anthropic.com' } }),
  });
}

/** Nobody takes payments unless it is said: what is paid at once by nobody's money must not come of a lost setting. */
async function paymentsFrom({ payments, stripe }: WorkerConfig): Promise<PaymentPort> {
  if (stripe !== undefined) return openStripe(stripe);
  return payments === 'demo' ? new DemoPayments() : new NoPayments();
}

/** A script may say where our own tools crash; without one they run as they are. */
function toolsFrom(script: ScriptBook | null): ToolPort {
  return script?.tools === undefined ? OUR_TOOLS : new ScriptedTools(script.tools);
}

function scriptBook(file: string): ScriptBook {
  return parseScript(readFileSync(file, 'utf8'));
}
