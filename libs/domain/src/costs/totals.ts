// Domain room. Counts of a job added up: by kind of step, by model, by tool. Money is added where it was charged; what
// was used at nobody's cost is counted apart.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';
import type { Meters } from '../metering/meters.js';
import { NO_USE } from '../metering/meters.js';
import type { CostedStep } from './costed-job.js';
import { billableAttempts } from './costed-job.js';

export interface StepTotals {
  readonly steps: number;
  readonly attempts: number;
  readonly charge: MicroCredits;
  /** Of the attempts that were charged. */
  readonly used: Meters;
}

export function totalsOf(steps: readonly CostedStep[]): StepTotals {
  return {
    steps: steps.length,
    attempts: steps.reduce((count, { attempts }) => count + attempts.length, 0),
    charge: add(ZERO, ...steps.map(({ charge }) => charge)),
    used: sumMeters(steps.flatMap((step) => billableAttempts(step).map(({ meters }) => meters))),
  };
}

export function groupBy<K, S>(steps: readonly S[], keyOf: (step: S) => K | null): Map<K, S[]> {
  const groups = new Map<K, S[]>();
  for (const step of steps) {
    const key = keyOf(step);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [step]);
    else group.push(step);
  }
  return groups;
}

export function sumMeters(all: readonly Meters[]): Meters {
  const sum: Record<keyof Meters, number> = { ...NO_USE };
  for (const meters of all) for (const meter of METERS) sum[meter] += meters[meter];
  return sum;
}

const METERS = Object.keys(NO_USE) as readonly (keyof Meters)[];
