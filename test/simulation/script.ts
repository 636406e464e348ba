// Simulation. The script of a round, drawn from the seed alone before anything runs: what goes wrong when, and what
// every caller would do. Two runs of one seed have the same script; how the machine interleaves it is the machine's.
import type { Chance } from './chance.js';
import type { Action, Fault, Turn, World } from './world.js';

export interface Load {
  /** Callers at work at once. */
  readonly callers: number;
  /** What each of them does at least; it goes on while faults are still to come, so that each strikes into a load. */
  readonly turns: number;
  /** Faults of a round, at least and at most. */
  readonly faults: readonly [number, number];
  /** The latest a fault strikes after the round began. */
  readonly strikeWithinMs: number;
}

export interface Strike {
  readonly afterMs: number;
  readonly fault: Fault;
}

export interface Draw {
  readonly world: Pick<World, 'actions' | 'faults'>;
  readonly load: Load;
  readonly chance: Chance;
}

export function drawStrikes(round: number, { world, load, chance }: Draw): readonly Strike[] {
  const drawn = chance.of(`round/${round}/strikes`);
  return Array.from({ length: world.faults.length === 0 ? 0 : drawn.whole(...load.faults) }, () => ({
    afterMs: drawn.whole(0, load.strikeWithinMs),
    fault: drawn.weighted(world.faults),
  })).sort((a, b) => a.afterMs - b.afterMs);
}

export interface DrawnTurn {
  readonly action: Action;
  readonly turn: Turn;
}

/** The same whoever asks and however often. */
export function drawTurn(place: Pick<Turn, 'round' | 'caller'>, number: number, { world, chance }: Draw): DrawnTurn {
  const { round, caller } = place;
  const drawn = chance.of(`round/${round}/caller/${caller}/turn/${number}`);
  const turn = { round, caller, name: `r${round}_c${caller}_t${number}`, chance: drawn.of('story') };
  return { action: drawn.weighted(world.actions), turn };
}

/** For the record of a run: what was drawn, in words. */
export function describeStrikes(strikes: readonly Strike[]): string {
  return strikes.map(({ afterMs, fault }) => `${fault.name} after ${afterMs} ms`).join(', ') || 'no fault';
}
