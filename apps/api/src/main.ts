// API room. The process: reads its environment, starts, and goes down gracefully when asked to.
import { renameSync, writeFileSync } from 'node:fs';
import {
  ConfigError,
  createLogger,
  describeConfig,
  installTracing,
  openTracing,
  parseApiConfig,
} from '@fairmeter/platform';
import { startApi } from './api-server.js';

function configuration(): ReturnType<typeof parseApiConfig> {
  try {
    return parseApiConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

const config = configuration();
const logger = createLogger({
  service: 'api',
  level: config.log.level,
  pretty: config.log.pretty,
  version: config.buildVersion,
});

process.on('unhandledRejection', (reason) => {
  logger.fatal({ err: reason }, 'a promise was rejected and nobody looked');
  process.exit(1);
});
process.on('uncaughtException', (error) => {
  logger.fatal({ err: error }, 'an error was thrown and nobody looked');
  process.exit(1);
});

const tracing = await openTracing({
  service: 'fairmeter-api',
  version: config.buildVersion,
  endpoint: config.otlpEndpoint,
});
installTracing(tracing);

const api = await startApi(config, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'the API could not start');
  process.exit(1);
});

let asked = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (asked) process.exit(1);
    asked = true;
    logger.info({ signal }, 'shutting down');
    api
      .close()
      .then(async () => tracing.close())
      .then(
        () => {
          logger.info({}, 'api stopped');
          process.exit(0);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'shutting down failed');
          process.exit(1);
        },
      );
  });
}

if (config.portFile !== undefined) {
  // Renamed into place: whoever waits for the file never reads half of it.
  writeFileSync(`${config.portFile}.new`, String(api.port));
  renameSync(`${config.portFile}.new`, config.portFile);
}
logger.debug({ config: describeConfig(config) }, 'configuration');
logger.info({ url: api.url, port: api.port }, `api listening on ${api.url}`);
