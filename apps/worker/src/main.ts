// Worker. The process that runs workflows and activities: the only file here that reads the environment.
import { fileURLToPath } from 'node:url';
import {
  ConfigError,
  createLogger,
  createRegistry,
  describeConfig,
  freeLoopbackPort,
  installTracing,
  openTracing,
  parseWorkerConfig,
  startMetricsServer,
  temporalLogger,
} from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import { connectTemporalWorker } from '@fairmeter/platform/temporal';
import { Runtime } from '@temporalio/worker';
import { Presence } from './presence.js';
import { WorkerHost } from './worker-host.js';
import { openWorkerParts } from './worker-parts.js';

const BUNDLE = fileURLToPath(new URL('../../../libs/workflows/dist/workflow-bundle.js', import.meta.url));

async function main(): Promise<void> {
  const config = parseWorkerConfig(process.env);
  const logger = createLogger({ service: 'worker', level: config.log.level, pretty: config.log.pretty });
  logger.info({ config: describeConfig(config) }, 'worker starts');
  const tracing = await openTracing({
    service: 'fairmeter-worker',
    version: config.buildVersion,
    endpoint: config.otlpEndpoint,
  });
  installTracing(tracing);
  const coreMetricsAddress = `127.0.0.1:${await freeLoopbackPort()}`;
  Runtime.install({
    logger: temporalLogger(logger),
    // This file owns the signals: two owners would stop the same worker twice.
    shutdownSignals: [],
    telemetryOptions: { metrics: { prometheus: { bindAddress: coreMetricsAddress } } },
  });
  const connection = await connectTemporalWorker({ address: config.temporal.address });
  const parts = await openWorkerParts(config, logger);
  const id = newId('wrk');
  const host = await WorkerHost.create({
    connection,
    namespace: config.temporal.namespace,
    workflowBundle: { codePath: BUNDLE },
    jobActivities: parts.jobActivities,
    stepActivities: parts.stepActivities,
    jobSlots: config.jobSlots,
    stepSlots: config.stepSlots,
    shutdownGraceMs: config.shutdownGraceMs,
    identity: id,
  });
  const registry = createRegistry({ service: 'worker', version: config.buildVersion });
  const metrics = await startMetricsServer({
    ...config.metrics,
    registry,
    coreMetricsAddress,
    isAlive: () => host.isAlive,
  });
  const presence = new Presence(parts.entities, { id, version: config.buildVersion }, logger, () => host.isAlive);
  let stopping: Promise<void> | undefined;
  const stop = (why: string, exitCode: number): void => {
    if (stopping !== undefined) {
      // Asked twice: whoever asks again does not want to wait.
      process.exit(1);
    }
    stopping = (async () => {
      logger.info({ why }, 'worker stops');
      await presence.stop();
      await host.shutdown();
      await connection.close();
      await parts.close();
      await tracing.close();
      await metrics.close();
      process.exit(exitCode);
    })();
    stopping.catch((error: unknown) => {
      logger.error({ err: error }, 'worker could not stop in order');
      process.exit(1);
    });
  };
  host.run((error) => {
    logger.error({ err: error }, 'a worker failed');
    stop('a worker failed', 1);
  });
  process.on('SIGINT', () => {
    stop('SIGINT', 0);
  });
  process.on('SIGTERM', () => {
    stop('SIGTERM', 0);
  });
  await presence.start();
  logger.info({ metrics: metrics.url, workerId: id }, 'worker runs');
}

main().catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
});
