// Finding a way to a Temporal server, with programs that really lie on a PATH.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { atLeast, NoTemporalServerError, serverCacheFolder, surveySources } from './sources.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairmeter-sources-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, answer: string): void {
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(path, 0o755);
}

function survey(address?: string): ReturnType<typeof surveySources> {
  return surveySources({ address, cacheRoot: join(folder, 'cache'), searchPath: join(folder, 'bin') });
}

describe('survey of Temporal servers', () => {
  it('finds nothing on a bare machine', () => {
    expect(survey()).toEqual({});
  });

  it('finds a Go that is recent enough, and one that is not', () => {
    mkdirSync(join(folder, 'bin'));
    program(join(folder, 'bin/go'), 'go1.26.8');
    expect(survey().go).toMatchObject({ version: '1.26.8', recentEnough: true });
    program(join(folder, 'bin/go'), 'go1.26');
    expect(survey().go).toMatchObject({ version: '1.26', recentEnough: false });
  });

  it('finds the temporal program, and a server built earlier', () => {
    mkdirSync(join(folder, 'bin'));
    program(join(folder, 'bin/temporal'), 'temporal version 1.7.0 (Server 1.32.0)');
    expect(survey().temporal?.version).toBe('temporal version 1.7.0 (Server 1.32.0)');
    const cache = serverCacheFolder(join(folder, 'cache'));
    mkdirSync(cache, { recursive: true });
    program(join(cache, 'temporal-server'), '');
    expect(survey().cached).toBeUndefined();
    program(join(cache, 'temporal-sql-tool'), '');
    expect(survey().cached).toEqual({
      server: join(cache, 'temporal-server'),
      sqlTool: join(cache, 'temporal-sql-tool'),
    });
  });

  it('passes over a program that cannot be run', () => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/temporal'), 'not a program');
    expect(survey().temporal).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    ['1.26.8', '1.26.8', true],
    ['1.26.10', '1.26.8', true],
    ['1.27', '1.26.8', true],
    ['2.0.0', '1.26.8', true],
    ['1.26.7', '1.26.8', false],
    ['1.26', '1.26.8', false],
    ['1.9.9', '1.26.8', false],
  ])('%s is at least %s: %s', (version, minimum, expected) => {
    expect(atLeast(version, minimum)).toBe(expected);
  });
});

describe('no way at all', () => {
  it('names every way and what was tried', () => {
    const text = new NoTemporalServerError(['no Go on PATH']).message;
    for (const way of ['TEMPORAL_ADDRESS', 'Go 1.26.8', '`temporal`', 'temporal.download', 'no Go on PATH']) {
      expect(text).toContain(way);
    }
  });
});
