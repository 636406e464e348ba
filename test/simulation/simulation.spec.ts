// Goal: whatever happens to wires, locks, sessions and the server, the ledger does what it was asked once and remembers
// what it said. Method: fixed seeds of the simulator, few rounds each; `npm run simulate` plays any other, for longer.
import { fileURLToPath } from 'node:url';
import { describe, it } from '@jest/globals';
import { withOwnPostgres } from './servers/of-a-suite.js';
import { simulate } from './simulate.js';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const SEEDS = [1, 2];
const ROUNDS = 2;
const SEED_MS = 60_000;

describe('a simulated load with faults', () => {
  it.each(SEEDS)(
    'operation.applied-once: leaves a ledger that holds and says what it said: seed %i',
    async (seed) => {
      await withOwnPostgres(async (postgres) => {
        const told: string[] = [];
        const say = (line: string): number => told.push(line);
        try {
          await simulate({ postgres, checkout: CHECKOUT, seed, rounds: ROUNDS, say });
        } catch (error) {
          const repeat = `npm run simulate -- --seed ${seed} --rounds ${ROUNDS}`;
          throw new Error([...told, String(error), `repeat it: ${repeat}`].join('\n'), { cause: error });
        }
      });
    },
    SEED_MS,
  );
});
