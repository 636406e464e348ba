// Goal: acknowledged means durable. Method: a writing process, or Postgres, is killed in the middle of a load in every
// round; before anybody asks again the ledger is opened and looked at. `npm run simulate -- --crash` plays hundreds.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { withOwnPostgres } from './servers/of-a-suite.js';
import { simulate } from './simulate.js';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const ROOM = join(CHECKOUT, 'test/simulation');
const WRITER_MAIN = join(ROOM, 'dist/test/simulation/writers/process.main.js');
const COMPILED_MS = 60_000;
const SEED = 4;
const ROUNDS = 6;
const ROUNDS_MS = 120_000;

describe('a process that is killed in the middle of a load', () => {
  // The process that is killed is a program of its own.
  beforeAll(() => {
    const compiler = join(CHECKOUT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', ROOM], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the writing process does not compile:\n${stdout}`);
  }, COMPILED_MS);

  it(
    'operation.applied-once: loses nothing that was acknowledged, doubles nothing, and leaves no half of anything',
    async () => {
      const told: string[] = [];
      const say = (line: string): number => told.push(line);
      await withOwnPostgres(async (postgres) => {
        await simulate({ postgres, checkout: CHECKOUT, seed: SEED, rounds: ROUNDS, writerMain: WRITER_MAIN, say });
      });
      expect(told).toHaveLength(ROUNDS);
      // Each round says what was killed: a load that nothing was done to would show nothing.
      expect(told.filter((line) => line.includes('killed after'))).toHaveLength(ROUNDS);
      expect(told.at(-1)).not.toContain(' 0 ends unknown');
    },
    ROUNDS_MS,
  );
});
