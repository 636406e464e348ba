// Identity of processes, against real ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { identify, identifySelf, isAlive, parseIdentity } from './identity.js';

describe('process identity', () => {
  it('is the same for the same process whenever it is asked', () => {
    expect(identify(process.pid)).toEqual(identifySelf());
    expect(isAlive(identifySelf())).toBe(true);
  });

  it('does not take a recycled pid for the process that had it', () => {
    expect(isAlive({ pid: process.pid, born: 'at some other time' })).toBe(false);
  });

  it('counts an ended process as gone', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
    const identity = identify(child.pid ?? 0);
    if (identity === undefined) throw new Error('the child has no identity');
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
  });

  it('knows no process behind numbers that are no pids', () => {
    expect([0, -1, 1.5, Number.NaN].map(identify)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('reads back only what is whole', () => {
    expect(parseIdentity({ pid: 7, born: 'then', more: true })).toEqual({ pid: 7, born: 'then' });
    expect([null, 7, {}, { pid: '7', born: 'then' }].map(parseIdentity)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
