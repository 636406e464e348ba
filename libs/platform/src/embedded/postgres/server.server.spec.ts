// The embedded Postgres for real: started, stopped, killed with its starter, and kept from a closed checkout. The
// starter that is killed is a process of its own and runs the built package.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openState, resetState, whoRuns } from '../open-state.js';
import { identify } from '../processes/identity.js';
import { ProcessRecords } from '../processes/records.js';
import { silentReporter } from '../reporter.js';
import { settlePorts } from '../servers.js';
import { readMemory, removePath, stateFolder, type StateFolder } from '../state-folder.js';
import { inspectPostgres } from './inspect.js';
import { startPostgres } from './server.js';

/** Each test makes a cluster and starts it once or twice; the server's own bound for one start is a minute. */
const CLUSTER_MS = 120_000;

let root = '';
let folder: StateFolder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairmeter-postgres-'));
  chmodSync(root, 0o755);
  folder = stateFolder(join(root, '.fairmeter'), 'test');
});

// Not by resetState: after a test that was cut short the lock is still ours, and its server must go all the same.
afterEach(async () => {
  await new ProcessRecords(folder.processesFile).endLeftovers();
  const { postgresHome } = readMemory(folder);
  if (postgresHome !== undefined) removePath(postgresHome);
  removePath(root);
}, 60_000);

async function startOnce<T>(use: (adminUrl: string, pid: number) => Promise<T>): Promise<T> {
  const state = await openState(folder, { purpose: 'this suite', report: silentReporter });
  try {
    const { postgres: port } = await settlePorts(folder, {});
    const server = await startPostgres({ ...state, port, report: silentReporter });
    return await use(server.adminUrl, server.process.pid);
  } finally {
    await state.supervisor.stopAll();
    state.close();
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('embedded Postgres', () => {
  it(
    'runs version 18 with fsync on, leaves no process, and keeps data and port for the next start',
    async () => {
      const first = await startOnce(async (url, pid) => {
        expect(await inspectPostgres(url)).toMatchObject({ version: expect.stringMatching(/^18\./), fsync: 'on' });
        await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
        return { url, pid };
      });
      expect(identify(first.pid)).toBeUndefined();
      expect(existsSync(folder.processesFile)).toBe(false);
      expect(whoRuns(folder)).toBeUndefined();
      await startOnce(async (url) => {
        expect(url).toBe(first.url);
        expect(await query(url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
      });
    },
    CLUSTER_MS,
  );

  it(
    'refuses whoever does not know the password',
    async () => {
      await startOnce(async (url) => {
        const stranger = new URL(url);
        stranger.password = 'guessed';
        await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
      });
    },
    CLUSTER_MS,
  );

  it(
    'is ended and started anew after its starter was killed without warning',
    async () => {
      const orphan = await killedStarter();
      expect(identify(orphan)).toBeDefined();
      await startOnce(async (url, pid) => {
        expect(identify(orphan)).toBeUndefined();
        expect(pid).not.toBe(orphan);
        expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      });
    },
    CLUSTER_MS,
  );

  it(
    'works from a folder that its user cannot enter, and a reset removes what lies elsewhere',
    async () => {
      chmodSync(root, 0o700);
      await startOnce(async (url) => {
        expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      });
      const outside = readMemory(folder).postgresHome;
      // Only root needs another user for Postgres; everybody else can enter his own folder.
      expect(outside === undefined).toBe(process.getuid?.() !== 0);
      const removed = await resetState(folder);
      expect(removed).toEqual([folder.path, ...(outside === undefined ? [] : [outside])]);
      expect(removed.filter(existsSync)).toEqual([]);
    },
    CLUSTER_MS,
  );
});

/** Answers the pid of a Postgres whose starter is gone. */
async function killedStarter(): Promise<number> {
  const embedded = new URL('../../../dist/embedded/index.js', import.meta.url).href;
  const script = `
    const embedded = await import('${embedded}');
    const { openState, settlePorts, providePostgres, silentReporter: report, stateFolder } = embedded;
    const state = await openState(stateFolder('${folder.root}', 'test'), { purpose: 'a starter', report });
    const ports = await settlePorts(state.folder, {});
    await providePostgres({ state, config: {}, ports, report });
    process.stdout.write('up');
    setInterval(() => undefined, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(starter.stdout, 'data');
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  const [record] = new ProcessRecords(folder.processesFile).all();
  if (record === undefined) throw new Error('the starter left no record');
  return record.pid;
}
