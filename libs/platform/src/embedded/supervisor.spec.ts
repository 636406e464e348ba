// The supervisor with real child processes: order of the end, killing after the bound, unexpected ends, left-overs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify, isAlive } from './processes/identity.js';
import type { ProcessSpec } from './processes/managed-process.js';
import { ProcessRecords } from './processes/records.js';
import { StoppingError, Supervisor } from './supervisor.js';

let folder = '';
let records = new ProcessRecords('');
let supervisor = new Supervisor(records);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairmeter-supervisor-'));
  records = new ProcessRecords(join(folder, 'processes.json'));
  supervisor = new Supervisor(records);
});

afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

/** A child that appends its name to a file when it is told to stop, and says when it listens. */
const polite = (name: string): ProcessSpec =>
  script(
    name,
    `process.on('SIGTERM', () => { fs.appendFileSync('ends', '${name} '); process.exit(0); });` +
      `setInterval(() => {}, 1000); process.stdout.write('listening\\n');`,
  );

const stubborn = (name: string): ProcessSpec => ({
  ...script(
    name,
    `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('listening\\n');`,
  ),
  stopWithinMs: 200,
});

function script(name: string, text: string): ProcessSpec {
  return {
    name,
    command: process.execPath,
    args: ['-e', `const fs = require('node:fs'); ${text}`],
    cwd: folder,
    env: {},
    logFile: join(folder, `${name}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  };
}

async function listening(name: string): Promise<void> {
  while (!readFileSync(join(folder, `${name}.log`), 'utf8').includes('listening\n')) await sleep(10);
}

async function startListening(spec: ProcessSpec): Promise<number> {
  const child = await supervisor.start(spec);
  await listening(spec.name);
  return child.pid;
}

describe('supervisor', () => {
  it('ends its children in the reverse order of their start and forgets them', async () => {
    for (const name of ['postgres', 'temporal', 'worker', 'api']) await startListening(polite(name));
    expect(records.all().map((one) => one.name)).toEqual(['postgres', 'temporal', 'worker', 'api']);
    await supervisor.stopAll();
    expect(readFileSync(join(folder, 'ends'), 'utf8').trim()).toBe('api worker temporal postgres');
    expect(records.all()).toEqual([]);
  });

  it('kills a child that does not end within its bound', async () => {
    const pid = await startListening(stubborn('stubborn'));
    await supervisor.stopAll();
    expect(identify(pid)).toBeUndefined();
  });

  it('takes the children of a child with it', async () => {
    const pid = await startListening(
      script(
        'parent',
        `const c = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);` +
          `fs.writeFileSync('grandchild', String(c.pid)); process.stdout.write('listening\\n');` +
          `setInterval(() => {}, 1000);`,
      ),
    );
    const grandchild = identify(Number(readFileSync(join(folder, 'grandchild'), 'utf8')));
    if (grandchild === undefined) throw new Error('no grandchild');
    await supervisor.stopAll();
    expect(identify(pid)).toBeUndefined();
    while (isAlive(grandchild)) await sleep(10);
  });

  it('tells of an end that nobody asked for, with the end of the log', async () => {
    const told = new Promise<string>((resolve) => supervisor.onUnexpectedEnd(resolve));
    await supervisor.start(script('server', `process.stdout.write('out of memory\\n'); process.exit(3);`));
    const what = await told;
    expect(what).toContain('server ended unexpectedly with exit code 3');
    expect(what).toContain('out of memory');
  });

  it('keeps quiet about an end that was asked for', async () => {
    const told: string[] = [];
    supervisor.onUnexpectedEnd((what) => told.push(what));
    await startListening(polite('server'));
    await supervisor.stopAll();
    expect(told).toEqual([]);
  });

  it('starts nothing once the end has begun', async () => {
    await supervisor.stopAll();
    await expect(supervisor.start(polite('late'))).rejects.toBeInstanceOf(StoppingError);
  });

  it('says which program cannot be started', async () => {
    const spec = { ...polite('server'), command: join(folder, 'no-such-program') };
    await expect(supervisor.start(spec)).rejects.toThrow('cannot start server');
  });

  it('gives the log of a program that failed', async () => {
    const spec = script('builder', `process.stderr.write('no such package\\n'); process.exit(2);`);
    await expect(supervisor.runToEnd(spec)).rejects.toThrow('no such package');
    expect(await supervisor.runForCode(spec)).toBe(2);
  });
});

describe('left-overs of a killed run', () => {
  it('are ended by the next one', async () => {
    const pid = await startListening(polite('orphan'));
    expect(await new ProcessRecords(join(folder, 'processes.json')).endLeftovers()).toEqual([
      `orphan (process ${pid})`,
    ]);
    expect(identify(pid)).toBeUndefined();
    expect(records.all()).toEqual([]);
  });

  it('are not mistaken for a process that has their pid by now', async () => {
    const bystander = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
    records.add({ pid: bystander.pid ?? 0, born: 'before', name: 'Postgres', stopSignal: 'SIGINT' });
    expect(await records.endLeftovers()).toEqual([]);
    expect(identify(bystander.pid ?? 0)).toBeDefined();
    expect(existsSync(join(folder, 'processes.json'))).toBe(false);
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  });
});
