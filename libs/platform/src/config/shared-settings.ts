// Platform room. The settings that the API and the worker have in common.
import { z } from 'zod';
import type { Environment } from './settings.js';
import { flag, hostAndPort, httpUrl, parseSettings, text, wholeNumber } from './settings.js';
import type { SubscriptionSettings } from './subscription-settings.js';
import { subscriptionSettings, subscriptionShape } from './subscription-settings.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const securityShape = { TEMPORAL_API_KEY: text.optional(), TEMPORAL_TLS: flag.optional() };
const securitySchema = z.object(securityShape);

export const sharedShape = {
  TEMPORAL_ADDRESS: hostAndPort.default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: text.default('fairmeter'),
  ...securityShape,
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  LOG_PRETTY: flag.default(false),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 600_000).default(20_000),
  DATABASE_POOL_MAX: wholeNumber(1, 500).default(10),
  // Longer than any one statement takes, and waits for a lock: after it the server is taken to be gone.
  DATABASE_ANSWERS_WITHIN_MS: wholeNumber(1_000, 3_600_000).default(120_000),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  TOP_UP_RETRY_AFTER_FAILURE_MS: wholeNumber(1_000, 30 * 86_400_000).default(86_400_000),
  ...subscriptionShape,
  BUILD_VERSION: text.default('dev'),
};

/** How a Temporal server is spoken to, wherever it is. */
export interface TemporalSecurity {
  readonly apiKey: string | undefined;
  readonly tls: boolean;
}

export interface TemporalSettings extends TemporalSecurity {
  readonly address: string;
  readonly namespace: string;
}

export interface SharedConfig {
  readonly temporal: TemporalSettings;
  readonly log: { readonly level: LogLevel; readonly pretty: boolean };
  readonly shutdownGraceMs: number;
  /** A database that is silent for longer is given up, connection by connection. */
  readonly databaseAnswersWithinMs: number;
  readonly otlpEndpoint: string | undefined;
  /** After a payment that failed: how long no bundle is bought by itself, unless its owner sets it anew. */
  readonly topUpRetryAfterFailureMs: number;
  /** What the API previews is what the worker does only where both go by the same. */
  readonly subscriptions: SubscriptionSettings;
  readonly buildVersion: string;
}

export function sharedConfig(settings: z.output<z.ZodObject<typeof sharedShape>>): SharedConfig {
  return {
    temporal: {
      address: settings.TEMPORAL_ADDRESS,
      namespace: settings.TEMPORAL_NAMESPACE,
      ...securityOf(settings),
    },
    log: { level: settings.LOG_LEVEL, pretty: settings.LOG_PRETTY },
    shutdownGraceMs: settings.SHUTDOWN_GRACE_MS,
    databaseAnswersWithinMs: settings.DATABASE_ANSWERS_WITHIN_MS,
    otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    topUpRetryAfterFailureMs: settings.TOP_UP_RETRY_AFTER_FAILURE_MS,
    subscriptions: subscriptionSettings(settings),
    buildVersion: settings.BUILD_VERSION,
  };
}

/** The same two settings for a program that has its own way of reading the rest. */
export function parseTemporalSecurity(env: Environment): TemporalSecurity {
  return securityOf(parseSettings(securitySchema, env));
}

function securityOf(settings: z.output<typeof securitySchema>): TemporalSecurity {
  const apiKey = settings.TEMPORAL_API_KEY;
  // A key over plain text would be a key given away: where there is one, TLS is on unless switched off by name.
  return { apiKey, tls: settings.TEMPORAL_TLS ?? apiKey !== undefined };
}
