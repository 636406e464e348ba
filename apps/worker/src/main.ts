// Worker. The entry: the only file here that reads the environment and ends the process.
import { ConfigError, createLogger, describeConfig, parseWorkerConfig } from '@fairmeter/platform';
import { startWorkerProcess, type RunningWorkerProcess } from './worker-process.js';

function configuration(): ReturnType<typeof parseWorkerConfig> {
  try {
    return parseWorkerConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

const config = configuration();
const logger = createLogger({
  service: 'worker',
  level: config.log.level,
  pretty: config.log.pretty,
  version: config.buildVersion,
});
logger.debug({ config: describeConfig(config) }, 'configuration');

/** Empty while it starts: a signal then has nothing to drain. */
const live: { running?: RunningWorkerProcess } = {};
let asked = false;

function stop(why: string, exitCode: number): void {
  // Asked twice: whoever asks again does not want to wait.
  if (asked) process.exit(1);
  asked = true;
  logger.info({ why }, 'worker stops');
  (live.running?.stop() ?? Promise.resolve()).then(
    () => process.exit(exitCode),
    (error: unknown) => {
      logger.error({ err: error }, 'the worker could not stop in order');
      process.exit(1);
    },
  );
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stop(signal, 0);
  });
}

live.running = await startWorkerProcess(config, logger, (error) => {
  logger.fatal({ err: error }, 'a worker failed');
  stop('a worker failed', 1);
}).catch((error: unknown) => {
  logger.fatal({ err: error }, 'the worker could not start');
  process.exit(1);
});
