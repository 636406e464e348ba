// Platform room. What NestJS and the Temporal SDK want of a logger, spoken into ours, so that a process has one.
import type { Logger as TemporalLogger, LogLevel as TemporalLevel } from '@temporalio/common';
import type { Logger } from './logger.js';

/** The shape NestJS asks for. Its last extra argument is the name of the part that speaks. */
export interface NestLogger {
  log(message: unknown, ...extra: unknown[]): void;
  error(message: unknown, ...extra: unknown[]): void;
  warn(message: unknown, ...extra: unknown[]): void;
  debug(message: unknown, ...extra: unknown[]): void;
  verbose(message: unknown, ...extra: unknown[]): void;
  fatal(message: unknown, ...extra: unknown[]): void;
}

type Speak = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export function nestLogger(logger: Logger): NestLogger {
  const speak =
    (level: Speak) =>
    (message: unknown, ...extra: unknown[]) => {
      const last = extra.at(-1);
      const facts = typeof last === 'string' ? { part: last } : {};
      if (message instanceof Error) logger[level]({ ...facts, err: message }, 'framework reported an error');
      else logger[level](facts, typeof message === 'string' ? message : 'framework message');
    };
  return {
    log: speak('debug'),
    error: speak('error'),
    warn: speak('warn'),
    debug: speak('trace'),
    verbose: speak('trace'),
    fatal: speak('fatal'),
  };
}

const TEMPORAL_LEVELS: Readonly<Record<TemporalLevel, Speak>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/**
 * For `Runtime.install({ logger })`: the SDK's lines keep their workflow and activity ids as fields. `hear` gets the
 * message of each: some things the SDK says nowhere else.
 */
export function temporalLogger(logger: Logger, hear: (message: string) => void = () => undefined): TemporalLogger {
  const speak = (level: Speak, message: string, meta: Record<string, unknown> = {}) => {
    hear(message);
    const { error, ...facts } = meta;
    logger[level](error === undefined ? plainFacts(facts) : { ...plainFacts(facts), err: error }, message);
  };
  return {
    log: (level, message, meta) => {
      speak(TEMPORAL_LEVELS[level], message, meta);
    },
    trace: (message, meta) => {
      speak('trace', message, meta);
    },
    debug: (message, meta) => {
      speak('debug', message, meta);
    },
    info: (message, meta) => {
      speak('info', message, meta);
    },
    warn: (message, meta) => {
      speak('warn', message, meta);
    },
    error: (message, meta) => {
      speak('error', message, meta);
    },
  };
}

/** The SDK hands over bigints and symbols too, which are no JSON. */
function plainFacts(meta: Record<string, unknown>): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(meta)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') facts[name] = value;
    else if (typeof value === 'bigint') facts[name] = value.toString();
  }
  return facts;
}
