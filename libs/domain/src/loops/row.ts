// Domain room. The sequence rule: n rounds of period p are n * p states in a row, each equal to the one p before.
import type { Occurrence } from './marks.js';
import type { LoopPolicy } from './policy.js';

export interface RowEntry extends Occurrence {
  readonly state: string;
}

export interface RowState {
  readonly last: readonly RowEntry[];
  /** By period, as in the policy: how many states running equal the one a period before. */
  readonly running: readonly number[];
}

export interface Alternation {
  readonly period: number;
  readonly counted: readonly RowEntry[];
}

export class Row {
  private last: RowEntry[];
  private running: number[];

  constructor(
    private readonly policy: LoopPolicy,
    state: RowState = { last: [], running: [] },
  ) {
    this.last = [...state.last];
    this.running = policy.alternationPeriods.map((_, index) => state.running[index] ?? 0);
  }

  /** The shortest period whose rounds are full with this state; the row then starts anew. */
  add(entry: RowEntry): Alternation | null {
    const { alternationPeriods: periods, alternationRounds: rounds } = this.policy;
    this.running = periods.map((period, index) =>
      this.last.at(-period)?.state === entry.state ? (this.running[index] ?? 0) + 1 : 0,
    );
    this.last = [...this.last, entry].slice(-rounds * Math.max(1, ...periods));
    const full = periods.filter((period, index) => {
      const round = this.last.slice(-period);
      // The same state over and over has every period: that is the business of equal calls.
      const moves = round.some(({ state }) => state !== round[0]?.state);
      return moves && (this.running[index] ?? 0) >= (rounds - 1) * period;
    });
    if (full.length === 0) return null;
    const period = Math.min(...full);
    const counted = this.last.slice(-rounds * period);
    this.end();
    return { period, counted };
  }

  end(): void {
    this.last = [];
    this.running = this.policy.alternationPeriods.map(() => 0);
  }

  state(): RowState {
    return { last: this.last, running: this.running };
  }
}
