// Worker. The process from its configuration: what it opens, in which order, and how it goes down.
import { fileURLToPath } from 'node:url';
import { openActivities, type ActivitiesInUse } from '@fairmeter/activities';
import { PROCESS_SIGNS } from '@fairmeter/domain';
import type { Logger, WorkerConfig } from '@fairmeter/platform';
import {
  createRegistry,
  freeLoopbackPort,
  installTracing,
  openTracing,
  startMetricsServer,
  temporalLogger,
} from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import { connectTemporal, connectTemporalWorker, type TemporalClient } from '@fairmeter/platform/temporal';
import { Runtime } from '@temporalio/worker';
import { beginReview } from './begin-review.js';
import { beginLostSubscription, beginSubscription, tellReckoned } from './begin-subscription.js';
import { consumersOf } from './dispatcher/consumers.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { Presence } from './presence.js';
import { keepReconciling } from './reconcile/keep-reconciling.js';
import { workflowsAsked } from './reconcile/temporal-workflows.js';
import { requestSweeps } from './request-sweeps.js';
import { Sweep } from './sweep.js';
import { tellPayment } from './tell-payment.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { webhookSweeps } from './webhooks/webhook-sweeps.js';
import { WorkerHost } from './worker-host.js';

const BUNDLE = fileURLToPath(new URL('../../../libs/workflows/dist/workflow-bundle.js', import.meta.url));

/** How the SDK's core names a payload over its limit: warned of from 512 KiB on, refused from 2 MiB. */
const OVERSIZED = 'TMPRL1103';

const ARTEFACTS_EVERY_MS = 3_600_000;
const PAYMENTS_EVERY_MS = 30_000;
const SUBSCRIPTIONS_EVERY_MS = 10_000;
const REVIEWS_EVERY_MS = 30_000;
const NOTICES_EVERY_MS = 5_000;
const ZONE_RULES_EVERY_MS = 3_600_000;
const RECONCILING_EVERY_MS = 60_000;

export interface RunningWorkerProcess {
  /** Drains what runs, then closes what was opened, in the order of its needs. */
  stop(): Promise<void>;
}

/** `onFailure` hears of a Worker that ended by itself: the process should end and be started anew. */
export async function startWorkerProcess(
  config: WorkerConfig,
  logger: Logger,
  onFailure: (error: unknown) => void,
): Promise<RunningWorkerProcess> {
  const version = config.buildVersion;
  const tracing = await openTracing({ service: 'fairmeter-worker', version, endpoint: config.otlpEndpoint });
  installTracing(tracing);
  const coreMetricsAddress = `127.0.0.1:${await freeLoopbackPort()}`;
  const late: { activities?: ActivitiesInUse } = {};
  installRuntime(logger, coreMetricsAddress, () => {
    late.activities?.signs.saw('payload_oversized');
  });
  const connection = await connectTemporalWorker(config.temporal);
  const activities = await openActivities(config, logger);
  late.activities = activities;
  const temporal = await connectTemporal(config.temporal);
  const { outbox } = activities;
  const dispatcher = new Dispatcher({ outbox, consumers: consumersOf(activities, temporal), logger });
  const sender = new WebhookSender({ webhooks: activities.webhooks, temporal, logger });
  const id = newId('wrk');
  const host = await WorkerHost.create({
    // Under the names that the host knows them by.
    ...activities,
    connection,
    namespace: config.temporal.namespace,
    workflowBundle: { codePath: BUNDLE },
    reconcileActivities: activities.reconciliation(workflowsAsked(temporal)),
    jobSlots: config.jobSlots,
    stepSlots: config.stepSlots,
    shutdownGraceMs: config.shutdownGraceMs,
    identity: id,
  });
  const isAlive = (): boolean => host.isAlive;
  const registry = createRegistry({ service: 'worker', version });
  activities.signs.show(registry, PROCESS_SIGNS);
  const metrics = await startMetricsServer({
    ...config.metrics,
    registry,
    coreMetricsAddress,
    isAlive,
  });
  const presence = new Presence({ activities, worker: { id, version }, logger, isAlive });
  const sweeps = sweepsOf(activities, temporal, logger);
  host.run(onFailure);
  for (const sweep of sweeps) sweep.start();
  dispatcher.start();
  sender.start();
  await presence.start();
  logger.info({ metrics: metrics.url, workerId: id }, 'worker runs');
  return {
    stop: async () => {
      await presence.stop();
      await host.shutdown();
      for (const sweep of sweeps) await sweep.stop();
      await sender.stop();
      await dispatcher.stop();
      await temporal.close();
      await connection.close();
      await activities.close();
      await tracing.close();
      await metrics.close();
    },
  };
}

function installRuntime(logger: Logger, coreMetricsAddress: string, onOversized: () => void): void {
  Runtime.install({
    logger: temporalLogger(logger, (message) => {
      if (message.includes(OVERSIZED)) onOversized();
    }),
    // The process owns the signals: two owners would stop the same worker twice.
    shutdownSignals: [],
    // What the core warns of is told by our logger as well: nowhere else is it said that a payload was too large.
    telemetryOptions: { logging: { forward: {} }, metrics: { prometheus: { bindAddress: coreMetricsAddress } } },
  });
}

function sweepsOf(activities: ActivitiesInUse, temporal: TemporalClient, logger: Logger): readonly Sweep[] {
  return [
    new Sweep({
      name: 'expired artefacts',
      everyMs: ARTEFACTS_EVERY_MS,
      batch: async () => activities.sweepArtefacts(),
      logger,
    }),
    new Sweep({
      name: 'payments without news',
      everyMs: PAYMENTS_EVERY_MS,
      batch: async () => activities.subscriptionPayments.lookAtPayments(async (news) => tellPayment(temporal, news)),
      logger,
    }),
    new Sweep({
      name: 'subscriptions of new accounts',
      everyMs: SUBSCRIPTIONS_EVERY_MS,
      batch: async () => activities.beginAwaitedSubscriptions(async (account) => beginSubscription(temporal, account)),
      logger,
    }),
    new Sweep({
      name: 'mails of notices',
      everyMs: NOTICES_EVERY_MS,
      batch: async () => activities.noticeMails.sendOne(),
      logger,
    }),
    new Sweep({
      name: 'resets that are waited for',
      everyMs: NOTICES_EVERY_MS,
      batch: async () => activities.creditWarnings.tellResets(),
      logger,
    }),
    ...webhookSweeps(activities.webhooks, temporal, logger),
    new Sweep({
      name: 'reconciliation runs',
      everyMs: RECONCILING_EVERY_MS,
      batch: async () => {
        await keepReconciling(temporal);
        return 0;
      },
      logger,
    }),
    new Sweep({
      name: 'subscriptions whose run may be lost',
      everyMs: SUBSCRIPTIONS_EVERY_MS,
      batch: async () => activities.beginLostSubscriptions(async (lost) => beginLostSubscription(temporal, lost)),
      logger,
    }),
    new Sweep({
      name: 'reviews whose run may be lost',
      everyMs: REVIEWS_EVERY_MS,
      batch: async () => activities.platformReviews.beginLost(async (caseId) => beginReview(temporal, caseId)),
      logger,
    }),
    ...requestSweeps(activities.lostRequests, temporal, logger),
    new Sweep({
      name: 'subscriptions by an older time-zone release',
      everyMs: ZONE_RULES_EVERY_MS,
      batch: async () => activities.tellReckonedSubscriptions(async (one) => tellReckoned(temporal, one)),
      logger,
    }),
  ];
}
