// Simulation. Plays the script of one seed in a world, round by round, and has it judged. A failure names the seed.
import { Chance } from './chance.js';
import { describeStrikes, drawStrikes, drawTurn, type Draw, type Load, type Strike } from './script.js';
import { SimulationFailure, type World } from './world.js';
import { pause } from '../harness/until.js';

export interface Play {
  readonly world: World;
  readonly seed: number;
  /** The first and the last round to play of all there are. */
  readonly from: number;
  readonly to: number;
  readonly rounds: number;
  readonly load: Load;
  readonly say: (line: string) => void;
}

export async function play({ world, seed, from, to, rounds, load, say }: Play): Promise<void> {
  const draw: Draw = { world, load, chance: new Chance(seed) };
  for (let round = from; round <= to; round++) {
    const strikes = drawStrikes(round, draw);
    await playRound(round, strikes, draw);
    await mustHold(world);
    say(`round ${round}/${rounds}  ${describeStrikes(strikes)}  ${world.tell()}`);
  }
}

async function playRound(round: number, strikes: readonly Strike[], draw: Draw): Promise<void> {
  const began = performance.now();
  let isLeftAlone = false;
  const faults = async (): Promise<void> => {
    // One after the other: two that overlap, such as stopping a server twice, would say nothing more.
    for (const [index, { afterMs, fault }] of strikes.entries()) {
      await pause(Math.max(0, afterMs - (performance.now() - began)));
      await fault.strike(draw.chance.of(`round/${round}/strike/${index}`));
    }
  };
  const struck = faults().finally(() => {
    isLeftAlone = true;
  });
  const callers = Array.from({ length: draw.load.callers }, async (_, caller) => {
    for (let number = 1; number <= draw.load.turns || !isLeftAlone; number++) {
      const { action, turn } = drawTurn({ round, caller }, number, draw);
      await action.run(turn);
    }
  });
  // All of them to their end: what still runs when a round is judged would make any judgement worthless.
  for (const ended of await Promise.allSettled([struck, ...callers])) {
    if (ended.status === 'rejected') throw ended.reason;
  }
}

export async function mustHold(world: Pick<World, 'judge'>): Promise<void> {
  const differences = await world.judge();
  if (differences.length > 0) throw new SimulationFailure(differences.join('\n'));
}
