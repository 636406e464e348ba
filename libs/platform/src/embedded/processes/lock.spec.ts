// The lock of a profile, with real files and real processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify } from './identity.js';
import { acquireLock, LockedError, lockHolder, waitForLock } from './lock.js';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairmeter-lock-'));
  path = join(folder, 'dev.lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('lock', () => {
  it('refuses a second holder and names the first', () => {
    acquireLock(path, 'npm start');
    expect(() => acquireLock(path, 'npm start')).toThrow(LockedError);
    expect(() => acquireLock(path, 'npm start')).toThrow(`npm start is already running as process ${process.pid}`);
  });

  it('is free again after its release and leaves no file', () => {
    acquireLock(path, 'npm start').release();
    expect(readdirSync(folder)).toEqual([]);
    expect(() => acquireLock(path, 'npm start')).not.toThrow();
  });

  it('is taken over from a killed process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
    const identity = identify(child.pid ?? 0);
    writeFileSync(path, JSON.stringify({ ...identity, purpose: 'npm start' }));
    expect(() => acquireLock(path, 'npm start')).toThrow(LockedError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    acquireLock(path, 'npm start');
    expect(lockHolder(path)?.pid).toBe(process.pid);
  });

  it('is taken over when its pid belongs to another process by now', () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, born: 'before', purpose: 'npm start' }));
    expect(lockHolder(path)).toBeUndefined();
    expect(() => acquireLock(path, 'npm start')).not.toThrow();
  });

  it('is taken over when a crash left only a part of it', () => {
    writeFileSync(path, '{"pid": 12');
    expect(() => acquireLock(path, 'npm start')).not.toThrow();
  });

  it('does not release what somebody else has taken over', () => {
    const mine = acquireLock(path, 'npm start');
    writeFileSync(path, JSON.stringify({ pid: process.pid, born: 'before', purpose: 'npm test' }));
    mine.release();
    expect(existsSync(path)).toBe(true);
  });

  it('can be waited for', async () => {
    const first = acquireLock(path, 'the build');
    const waitedFor: number[] = [];
    const second = await waitForLock(path, 'the build', (holder) => {
      waitedFor.push(holder.pid);
      first.release();
    });
    expect(waitedFor).toEqual([process.pid]);
    second.release();
  });
});
