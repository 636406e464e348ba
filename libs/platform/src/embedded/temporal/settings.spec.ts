// What the Temporal server is told, as data.
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { devServerArguments } from './dev-server.js';
import { dynamicConfigFile, dynamicConfigFlags, dynamicSettings, serverConfigFile } from './settings.js';
import { Supervisor } from '../supervisor.js';
import { ProcessRecords } from '../processes/records.js';
import { stateFolder } from '../state-folder.js';

describe('dynamic configuration', () => {
  it('lets only the test profile move time', () => {
    const skipping = (profile: 'dev' | 'test'): unknown =>
      dynamicSettings(profile, 'steps').find((one) => one.key === 'frontend.WorkflowTimeSkippingEnabled')?.value;
    expect(skipping('test')).toBe(true);
    expect(skipping('dev')).toBe(false);
  });

  it('is fair, with one partition for the steps queue alone, and in tests for every queue', () => {
    const file = parse(dynamicConfigFile(dynamicSettings('dev', 'fairmeter-steps'))) as Record<string, unknown>;
    expect(file['matching.enableFairness']).toEqual([{ value: true }]);
    const onePartition = [{ value: 1, constraints: { taskQueueName: 'fairmeter-steps' } }];
    expect(file['matching.numTaskqueueReadPartitions']).toEqual(onePartition);
    expect(file['matching.numTaskqueueWritePartitions']).toEqual(onePartition);
    const inTests = parse(dynamicConfigFile(dynamicSettings('test', 'fairmeter-steps'))) as Record<string, unknown>;
    expect(inTests['matching.numTaskqueueReadPartitions']).toEqual([{ value: 1 }]);
    expect(inTests['matching.numTaskqueueWritePartitions']).toEqual([{ value: 1 }]);
  });

  it('says the same to a dev server', () => {
    const settings = dynamicSettings('test', 'steps');
    const flags = dynamicConfigFlags(settings);
    expect(flags).toHaveLength(2 * settings.length);
    expect(flags).toContain('frontend.WorkflowTimeSkippingEnabled=true');
    const folder = stateFolder('/somewhere/.fairmeter', 'test');
    const args = devServerArguments({
      program: 'temporal',
      ports: { frontend: 20_001, frontendHttp: 20_002 },
      namespace: 'fairmeter',
      stepsTaskQueue: 'steps',
      folder,
      supervisor: new Supervisor(new ProcessRecords(folder.processesFile)),
    });
    expect(args).toEqual(expect.arrayContaining([...flags]));
    expect(args).toEqual(expect.arrayContaining(['--ip', '127.0.0.1', '--port', '20001']));
  });
});

describe('server configuration', () => {
  const ports = {
    frontend: 1,
    frontendHttp: 2,
    frontendMembership: 3,
    history: 4,
    historyMembership: 5,
    matching: 6,
    matchingMembership: 7,
    worker: 8,
    workerMembership: 9,
  };
  const sql = {
    host: '127.0.0.1',
    port: 5433,
    user: 'temporal',
    password: 'p: "a\'ss',
    database: 'temporal',
    visibilityDatabase: 'temporal_visibility',
    tls: 'off',
  } as const;

  it('keeps a password whole, whatever is in it', () => {
    const text = serverConfigFile({ sql, ports, historyShards: 64, dynamicConfigPath: '/x.yaml' });
    const config = parse(text) as { persistence: { datastores: { default: { sql: { password: string } } } } };
    expect(config.persistence.datastores.default.sql.password).toBe(sql.password);
  });

  it('binds every service to the loopback', () => {
    const text = serverConfigFile({ sql, ports, historyShards: 64, dynamicConfigPath: '/x.yaml' });
    const { services } = parse(text) as { services: Record<string, { rpc: { bindOnLocalHost: boolean } }> };
    expect(Object.keys(services).sort()).toEqual(['frontend', 'history', 'matching', 'worker']);
    expect(Object.values(services).every(({ rpc }) => rpc.bindOnLocalHost)).toBe(true);
  });

  it('leaves room for everybody else under max_connections', () => {
    const text = serverConfigFile({ sql, ports, historyShards: 64, dynamicConfigPath: '/x.yaml' });
    const { persistence } = parse(text) as {
      persistence: { datastores: Record<string, { sql: { maxConns: number } }> };
    };
    const perService = Object.values(persistence.datastores).reduce((sum, one) => sum + one.sql.maxConns, 0);
    expect(4 * perService).toBeLessThanOrEqual(200);
  });
});
