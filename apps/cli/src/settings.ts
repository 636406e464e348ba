// Command line: what a person may set. Promises every problem of the environment in one message, before anything
// starts.
import { join, resolve } from 'node:path';
import type { FixedPorts, ServersConfig } from '@fairmeter/platform/embedded';
import {
  ConfigError,
  defaultRetentionDays,
  parseTemporalSecurity,
  type TemporalSecurity,
} from '@fairmeter/platform/temporal';
import { STEPS_QUEUE } from '@fairmeter/contracts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly checkout: string;
  readonly stateRoot: string;
  readonly servers: ServersConfig;
  readonly retentionDays: number;
  readonly env: Environment;
}

export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(['The environment cannot be used:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.name = 'SettingsError';
  }
}

export function readSettings(env: Environment, checkout: string, home: string): Settings {
  const problems: string[] = [];
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const whole = (name: string, from: number, to: number): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value) && Number(value) >= from && Number(value) <= to) return Number(value);
    problems.push(`${name} must be a whole number from ${from} to ${to}, not "${value}"`);
    return undefined;
  };
  const databaseUrl = text('DATABASE_URL');
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push('DATABASE_URL must start with postgresql://');
  }
  const temporalAddress = text('TEMPORAL_ADDRESS');
  if (temporalAddress !== undefined && !/^.+:\d+$/.test(temporalAddress)) {
    problems.push(`TEMPORAL_ADDRESS must be host:port, not "${temporalAddress}"`);
  }
  let temporalSecurity: TemporalSecurity | undefined;
  try {
    temporalSecurity = parseTemporalSecurity(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  const ports: FixedPorts = {
    postgres: whole('POSTGRES_PORT', 1, 65_535),
    temporal: whole('TEMPORAL_PORT', 1, 65_535),
    api: whole('API_PORT', 1, 65_535),
    workerMetrics: whole('WORKER_METRICS_PORT', 1, 65_535),
    issuer: whole('ISSUER_PORT', 1, 65_535),
  };
  const historyShards = whole('TEMPORAL_HISTORY_SHARDS', 1, 16_384);
  const retentionDays = whole('TEMPORAL_RETENTION_DAYS', 1, 365) ?? defaultRetentionDays;
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    checkout,
    stateRoot: resolve(checkout, text('FAIRMETER_STATE_DIR') ?? '.fairmeter'),
    servers: {
      databaseUrl,
      temporalAddress,
      temporalSecurity,
      namespace: text('TEMPORAL_NAMESPACE') ?? 'fairmeter',
      stepsTaskQueue: STEPS_QUEUE,
      historyShards,
      cacheRoot: join(text('XDG_CACHE_HOME') ?? join(home, '.cache'), 'fairmeter'),
      ports,
      env,
    },
    retentionDays,
    env,
  };
}

/** Key and TLS are for the server that the person named: any other one is ours, on the loopback. */
export function temporalSecurityFor(settings: Settings, address: string): Partial<TemporalSecurity> {
  const { temporalAddress, temporalSecurity } = settings.servers;
  return address === temporalAddress ? { ...temporalSecurity } : {};
}
