// Simulation. Plays the script of one seed in a world, round by round, and has it judged. A failure names the seed.
import { Chance } from './chance.js';
import { describeStrikes, drawRound, type Load, type RoundScript } from './script.js';
import { SimulationFailure, type World } from './world.js';
import { pause } from '../harness/until.js';

export interface Play {
  readonly world: World;
  readonly seed: number;
  readonly rounds: number;
  readonly load: Load;
  readonly say: (line: string) => void;
}

export async function play({ world, seed, rounds, load, say }: Play): Promise<void> {
  const chance = new Chance(seed);
  for (let round = 1; round <= rounds; round++) {
    const script = drawRound(round, { world, load, chance });
    await playRound(script, chance);
    await mustHold(world);
    say(`round ${round}/${rounds}  ${describeStrikes(script)}  ${world.tell()}`);
  }
}

async function playRound({ round, actions, strikes }: RoundScript, chance: Chance): Promise<void> {
  const began = performance.now();
  const callers = actions.map((action, caller) =>
    action.run({ round, caller, chance: chance.of(`round/${round}/caller/${caller}`) }),
  );
  const faults = (async () => {
    // One after the other: two that overlap, such as stopping a server twice, would say nothing more.
    for (const [index, { afterMs, fault }] of strikes.entries()) {
      await pause(Math.max(0, afterMs - (performance.now() - began)));
      await fault.strike(chance.of(`round/${round}/fault/${index}`));
    }
  })();
  // All of them to their end: what still runs when a round is judged would make any judgement worthless.
  for (const ended of await Promise.allSettled([faults, ...callers])) {
    if (ended.status === 'rejected') throw ended.reason;
  }
}

export async function mustHold(world: Pick<World, 'judge'>): Promise<void> {
  const differences = await world.judge();
  if (differences.length > 0) throw new SimulationFailure(differences.join('\n'));
}
