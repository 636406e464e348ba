// Simulation. The script of a round, drawn from the seed alone before anything runs: who does what, and what goes wrong
// when. Two runs of one seed have the same script; how the machine interleaves it is the machine's.
import type { Chance } from './chance.js';
import type { Action, Fault, World } from './world.js';

export interface Load {
  /** Callers at work at once. */
  readonly callers: number;
  /** Faults of a round, at least and at most. */
  readonly faults: readonly [number, number];
  /** The latest a fault strikes after the round began. */
  readonly strikeWithinMs: number;
}

export interface RoundScript {
  readonly round: number;
  readonly actions: readonly Action[];
  readonly strikes: readonly { readonly afterMs: number; readonly fault: Fault }[];
}

interface Draw {
  readonly world: Pick<World, 'actions' | 'faults'>;
  readonly load: Load;
  readonly chance: Chance;
}

export function drawRound(round: number, { world, load, chance }: Draw): RoundScript {
  const drawn = chance.of(`script/${round}`);
  const actions = Array.from({ length: load.callers }, () => drawn.weighted(world.actions));
  const strikes = Array.from({ length: world.faults.length === 0 ? 0 : drawn.whole(...load.faults) }, () => ({
    afterMs: drawn.whole(0, load.strikeWithinMs),
    fault: drawn.weighted(world.faults),
  })).sort((a, b) => a.afterMs - b.afterMs);
  return { round, actions, strikes };
}

/** For the record of a run: what was drawn, in words. */
export function describeStrikes({ strikes }: RoundScript): string {
  return strikes.map(({ afterMs, fault }) => `${fault.name} after ${afterMs} ms`).join(', ') || 'no fault';
}
