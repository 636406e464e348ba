// Goal: a seed says everything there is to say about a run, but for the machine's interleaving.
import { describe, expect, it } from '@jest/globals';
import { Chance } from './chance.js';
import { drawStrikes, drawTurn, type Draw } from './script.js';
import { readWish } from './wish.js';

const nothing = (): Promise<void> => Promise.resolve();
const named = (name: string, weight: number): { name: string; weight: number; run: typeof nothing } => ({
  name,
  weight,
  run: nothing,
});
const actions = [named('often', 9), named('seldom', 1)];
const faults = ['cut', 'lock', 'restart'].map((name) => ({ name, weight: 1, strike: nothing }));
const draw = (seed: number): Draw => ({
  world: { actions, faults },
  load: { callers: 4, turns: 3, faults: [1, 4], strikeWithinMs: 500 },
  chance: new Chance(seed),
});

/** All that is drawn of ten rounds, and the first numbers that each story would draw itself. */
function scriptOf(seed: number): unknown {
  return Array.from({ length: 10 }, (_, round) => ({
    strikes: drawStrikes(round, draw(seed)).map(({ afterMs, fault }) => [afterMs, fault.name]),
    turns: [0, 1, 2, 3].flatMap((caller) =>
      [1, 2, 3].map((number) => {
        const { action, turn } = drawTurn({ round, caller }, number, draw(seed));
        return [action.name, turn.name, turn.chance.whole(0, 1_000_000), turn.chance.big(0n, 10n ** 15n).toString()];
      }),
    ),
  }));
}

describe('a script', () => {
  it('is the same for the same seed and another one for another', () => {
    expect(scriptOf(7)).toEqual(scriptOf(7));
    expect(scriptOf(7)).not.toEqual(scriptOf(8));
  });

  it('does not depend on who draws first', () => {
    const first = draw(3);
    const second = draw(3);
    const later = drawTurn({ round: 1, caller: 2 }, 5, first).turn.chance.whole(0, 1_000_000);
    for (const number of [1, 2, 3, 4]) drawTurn({ round: 1, caller: 2 }, number, second);
    drawStrikes(1, second);
    expect(drawTurn({ round: 1, caller: 2 }, 5, second).turn.chance.whole(0, 1_000_000)).toBe(later);
  });

  it('draws by weight', () => {
    const chance = new Chance(1);
    const often = Array.from({ length: 1_000 }, () => chance.weighted(actions)).filter((one) => one.name === 'often');
    expect(often.length).toBeGreaterThan(850);
    expect(often.length).toBeLessThan(950);
  });
});

describe('a wish', () => {
  it('names a seed, and rounds or kills where they are wanted', () => {
    expect(readWish(['--seed', '7'])).toEqual({ seed: 7, rounds: 20, crash: false });
    expect(readWish(['--crash', '--rounds', '300', '--seed', '9'])).toEqual({ seed: 9, rounds: 300, crash: true });
  });

  it.each([
    [],
    ['--rounds', '3'],
    ['--seed'],
    ['--seed', 'x'],
    ['--seed', '1', '--rounds', '0'],
    ['--seed', '1', '-x'],
  ])('is not guessed at: %j', (...args) => {
    expect(readWish(args)).toBeUndefined();
  });
});
