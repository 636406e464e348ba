// Simulation. What a part of the product brings to the simulator: what callers may do, what may go wrong, and a judge.
// The ledger is the first such world; whatever joins later says the same four things.
import type { Chance } from './chance.js';

/** One thing that one caller does in a round. */
export interface Turn {
  readonly round: number;
  readonly caller: number;
  /** Of this turn alone, for ids that follow from the seed. */
  readonly name: string;
  readonly chance: Chance;
}

export interface Action {
  readonly name: string;
  readonly weight: number;
  readonly run: (turn: Turn) => Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly weight: number;
  /** Resolves when the world is whole again; what callers noticed of it is theirs to mend. */
  readonly strike: (chance: Chance) => Promise<void>;
}

export interface World {
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
  /** Called with nothing in flight. Every difference in words; none where everything holds. */
  readonly judge: () => Promise<readonly string[]>;
  /** What has happened so far, in a few words. */
  readonly tell: () => string;
}

/** Something that must not happen under any fault; ends the run. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';
}
