// What a person may set, and every mistake of it at once.
import { describe, expect, it } from '@jest/globals';
import { readSettings, SettingsError } from './settings.js';
import { childEnvironment } from './stack/apps.js';

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
});
