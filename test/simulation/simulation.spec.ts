// Goal: whatever happens to wires, locks, sessions and the server, the ledger does what it was asked once and remembers
// what it said. Method: fixed seeds of the simulator, few rounds each; `npm run simulate` plays any other, for longer.
import { fileURLToPath } from 'node:url';
import { describe, it } from '@jest/globals';
import { withOwnState } from './own-state.js';
import { simulate } from './simulate.js';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const SEEDS_MS = 60_000;

describe('a simulated load with faults', () => {
  it.each([1, 2])(
    'operation.applied-once: leaves a ledger that holds and says what it said: seed %d',
    async (seed) => {
      const told: string[] = [];
      const say = (line: string): number => told.push(line);
      await withOwnState(async (state) => {
        try {
          await simulate({ state, checkout: CHECKOUT, seed, rounds: 2, say });
        } catch (error) {
          throw new Error(`repeat it: npm run simulate -- --seed ${seed} --rounds 2\n${told.join('\n')}`, {
            cause: error,
          });
        }
      });
    },
    SEEDS_MS,
  );
});
