// Worker. The process from its configuration: what it opens, in which order, and how it goes down.
import { fileURLToPath } from 'node:url';
import { openActivities } from '@fairmeter/activities';
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
import { connectTemporal, connectTemporalWorker } from '@fairmeter/platform/temporal';
import { Runtime } from '@temporalio/worker';
import { ArtefactSweep } from './artefact-sweep.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { WakeWaitingJobs } from './dispatcher/wake-waiting-jobs.js';
import { Presence } from './presence.js';
import { WorkerHost } from './worker-host.js';

const BUNDLE = fileURLToPath(new URL('../../../libs/workflows/dist/workflow-bundle.js', import.meta.url));

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
  Runtime.install({
    logger: temporalLogger(logger),
    // The process owns the signals: two owners would stop the same worker twice.
    shutdownSignals: [],
    telemetryOptions: { metrics: { prometheus: { bindAddress: coreMetricsAddress } } },
  });
  const connection = await connectTemporalWorker(config.temporal);
  const activities = await openActivities(config, logger);
  const temporal = await connectTemporal(config.temporal);
  const { outbox } = activities;
  const dispatcher = new Dispatcher({ outbox, consumers: [new WakeWaitingJobs(outbox, temporal)], logger });
  const id = newId('wrk');
  const host = await WorkerHost.create({
    connection,
    namespace: config.temporal.namespace,
    workflowBundle: { codePath: BUNDLE },
    jobActivities: activities.jobActivities,
    stepActivities: activities.stepActivities,
    controlActivities: activities.controlActivities,
    reportedActivities: activities.reportedActivities,
    termsActivities: activities.termsActivities,
    purchaseActivities: activities.purchaseActivities,
    jobSlots: config.jobSlots,
    stepSlots: config.stepSlots,
    shutdownGraceMs: config.shutdownGraceMs,
    identity: id,
  });
  const isAlive = (): boolean => host.isAlive;
  const metrics = await startMetricsServer({
    ...config.metrics,
    registry: createRegistry({ service: 'worker', version }),
    coreMetricsAddress,
    isAlive,
  });
  const presence = new Presence({ activities, worker: { id, version }, logger, isAlive });
  const sweep = new ArtefactSweep({ activities, logger });
  host.run(onFailure);
  sweep.start();
  dispatcher.start();
  await presence.start();
  logger.info({ metrics: metrics.url, workerId: id }, 'worker runs');
  return {
    stop: async () => {
      await presence.stop();
      await host.shutdown();
      await sweep.stop();
      await dispatcher.stop();
      await temporal.close();
      await connection.close();
      await activities.close();
      await tracing.close();
      await metrics.close();
    },
  };
}
