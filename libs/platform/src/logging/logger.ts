// Platform room. The one structured logger: a constant message, facts in fields, no keys and no prompt text.
import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import type { LogLevel } from '../config/index.js';
import { describeError } from './describe-error.js';
import { prettyStream } from './pretty-stream.js';

export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  readonly pretty?: boolean;
  readonly version?: string;
  /** Where lines go; standard output without one. */
  readonly destination?: DestinationStream;
}

const SECRET_FIELDS = ['authorization', 'apiKey', 'api_key', 'key', 'secret', 'password', 'token', 'cookie'];
const PRIVATE_FIELDS = ['prompt', 'answer', 'text', 'body', 'parameters'];

/** A field of these names is struck at the top, one deep, and in the usual place of headers. */
const REDACTED = [...SECRET_FIELDS, ...PRIVATE_FIELDS]
  .flatMap((name) => [name, `*.${name}`])
  .concat('*.headers.authorization', '*.headers.cookie', '*.headers["idempotency-key"]');

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, version: options.version ?? 'dev' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
      redact: { paths: REDACTED, censor: '***' },
    },
    options.destination ?? (options.pretty === true ? prettyStream(process.stdout) : pino.destination({ sync: false })),
  );
}
