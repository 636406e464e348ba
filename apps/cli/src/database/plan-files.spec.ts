// Goal: a plan's file may say when repetition is a loop, and a figure that cannot be one stops the seed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readPlans } from './plan-files.js';

const FREE = new URL('../../../../plans/plan.free.json', import.meta.url);

describe('the file of a plan', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plans-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const loopsIn = (loops?: Readonly<Record<string, unknown>>): unknown => {
    const file = JSON.parse(readFileSync(FREE, 'utf8')) as object;
    writeFileSync(
      join(folder, 'plan.free.json'),
      JSON.stringify({ ...file, ...(loops === undefined ? {} : { loops }) }),
    );
    return readPlans(folder)[0]?.loops;
  };

  it('names only what it changes of the loop rules', () => {
    expect(loopsIn()).toBeUndefined();
    expect(loopsIn({ equal_errors: 5, pollable_tools: ['status'], shadow: true })).toEqual({
      equalErrors: 5,
      pollableTools: ['status'],
      shadow: true,
    });
  });

  it('is refused where once would be a loop', () => {
    expect(() => loopsIn({ red_builds: 1 })).toThrow('loops.red_builds is not what a plan can say');
  });
});
