// Domain room. Where each check and build stands: its colour and the best it ever reported.
import { colourOf, isReport } from './marks.js';
import type { ObservedStep, ReportedCounts } from './observed-step.js';
import { RememberedMap } from './remembered.js';

interface Standing {
  readonly green: boolean | null;
  readonly passed: number | null;
  readonly errors: number | null;
}

export type ChecksState = readonly (readonly [string, Standing])[];

const UNKNOWN: Standing = { green: null, passed: null, errors: null };

export class Checks {
  private readonly byName: RememberedMap<Standing>;

  constructor(most: number, state: ChecksState = []) {
    this.byName = new RememberedMap(most, state);
  }

  get size(): number {
    return this.byName.size;
  }

  /** Takes the report in; true if it is progress: red turned green, or a count beat its best. */
  progresses(name: string, step: ObservedStep): boolean {
    const green = colourOf(step);
    const counts: ReportedCounts = isReport(step) ? (step.counts ?? {}) : {};
    if (green === undefined && counts.passed === undefined && counts.errors === undefined) return false;
    const before = this.byName.get(name) ?? UNKNOWN;
    const beats =
      (counts.passed !== undefined && before.passed !== null && counts.passed > before.passed) ||
      (counts.errors !== undefined && before.errors !== null && counts.errors < before.errors);
    this.byName.set(name, {
      green: green ?? before.green,
      passed: better(before.passed, counts.passed, Math.max),
      errors: better(before.errors, counts.errors, Math.min),
    });
    return beats || (green === true && before.green === false);
  }

  state(): ChecksState {
    return this.byName.entries();
  }
}

function better(
  best: number | null,
  reported: number | undefined,
  pick: (one: number, other: number) => number,
): number | null {
  if (reported === undefined) return best;
  return best === null ? reported : pick(best, reported);
}
