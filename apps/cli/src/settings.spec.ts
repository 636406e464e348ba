// What a person may set, and every mistake of it at once.
import { describe, expect, it } from '@jest/globals';
import { readSettings, SettingsError, temporalSecurityFor } from './settings.js';
import { childEnvironment, stopBounds } from './stack/apps.js';

describe('settings', () => {
  it('need nothing to be set', () => {
    const settings = readSettings({}, '/checkout', '/srv/someone');
    expect(settings.stateRoot).toBe('/checkout/.fairmeter');
    expect(settings.retentionDays).toBe(7);
    expect(settings.servers).toMatchObject({ namespace: 'fairmeter', cacheRoot: '/srv/someone/.cache/fairmeter' });
  });

  it('take ports, folders and servers from the environment', () => {
    const env = {
      API_PORT: '3000',
      XDG_CACHE_HOME: '/cache',
      FAIRMETER_STATE_DIR: 'state',
      TEMPORAL_ADDRESS: 'host:7233',
    };
    const settings = readSettings(env, '/checkout', '/srv/someone');
    expect(settings.stateRoot).toBe('/checkout/state');
    expect(settings.servers.cacheRoot).toBe('/cache/fairmeter');
    expect(settings.servers.ports.api).toBe(3000);
    expect(settings.servers.temporalAddress).toBe('host:7233');
  });

  it('report every problem together', () => {
    const env = { API_PORT: 'http', POSTGRES_PORT: '70000', DATABASE_URL: 'mysql://x', TEMPORAL_ADDRESS: 'host' };
    const read = (): unknown => readSettings(env, '/checkout', '/srv/someone');
    expect(read).toThrow(SettingsError);
    for (const name of Object.keys(env)) expect(read).toThrow(name);
  });
});

describe('environment of API and worker', () => {
  it("never holds the administrator's way into the database", () => {
    const env = {
      DATABASE_URL: 'postgresql://admin',
      DATABASE_WRITER_URL: 'stale',
      TEMPORAL_API_KEY: 'for another server',
      TEMPORAL_TLS: 'true',
      LOG_LEVEL: 'debug',
      TZ: 'Asia/Tokyo',
    };
    const child = childEnvironment(
      env,
      { temporalAddress: 'host:1', namespace: 'n' },
      { DATABASE_READER_URL: 'reader' },
    );
    expect(child).toEqual({
      LOG_LEVEL: 'debug',
      DATABASE_READER_URL: 'reader',
      TEMPORAL_ADDRESS: 'host:1',
      TEMPORAL_NAMESPACE: 'n',
      TZ: 'UTC',
    });
  });

  it('holds key and TLS of the Temporal server that was named', () => {
    const env = { TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'true' };
    expect(childEnvironment(env, { temporalAddress: 'cloud:7233', namespace: 'n' }, {})).toMatchObject(env);
    const settings = readSettings(env, '/checkout', '/home');
    expect(temporalSecurityFor(settings, 'cloud:7233')).toEqual({ apiKey: 'key', tls: true });
    expect(temporalSecurityFor(settings, '127.0.0.1:1')).toEqual({});
  });
});

describe('the time a process may take to stop', () => {
  it('is longer than the grace it gives itself, also where that was set', () => {
    for (const [env, graceMs] of [
      [{}, 20_000],
      [{ SHUTDOWN_GRACE_MS: '60000' }, 60_000],
    ] as const) {
      const { apiMs, workerMs } = stopBounds(env);
      expect(apiMs).toBeGreaterThan(graceMs);
      // The worker's own last word comes ten seconds after its grace.
      expect(workerMs).toBeGreaterThan(graceMs + 10_000);
    }
  });
});
