// Domain room. What tasks like this one usually cost: the same kind of request, on the same model, with about as much
// context. Of few jobs nothing is said: a handful tells neither what is usual nor keeps their owners to themselves.
import type { MicroCredits } from '../amounts/micro-credits.js';

/** Where one class of context ends and the next one begins, in tokens. */
const CONTEXT_CLASSES = [1_000, 4_000, 16_000, 64_000, 256_000] as const;

export const BASELINE_FLOOR = 20;
export const BASELINE_DAYS = 30;

export interface ContextClass {
  readonly from: number;
  /** Not included; null where there is no end. */
  readonly to: number | null;
}

export function contextClassOf(tokens: number): ContextClass {
  const to = CONTEXT_CLASSES.find((end) => tokens < end) ?? null;
  return { from: CONTEXT_CLASSES.findLast((end) => end <= tokens) ?? 0, to };
}

export interface LikeTasks {
  readonly samples: number;
  /** How many of them cost at most what this one did. */
  readonly atMost: number;
  readonly median: MicroCredits | null;
  readonly p90: MicroCredits | null;
}

export type Baseline =
  | { readonly enough: false; readonly samples: number }
  | {
      readonly enough: true;
      readonly samples: number;
      readonly median: MicroCredits;
      readonly p90: MicroCredits;
      /** Of like tasks so many in a hundred cost at most as much. */
      readonly percentile: number;
    };

export function baselineOf({ samples, atMost, median, p90 }: LikeTasks, floor = BASELINE_FLOOR): Baseline {
  if (samples < floor || median === null || p90 === null) return { enough: false, samples };
  return { enough: true, samples, median, p90, percentile: Math.floor((atMost * 100) / samples) };
}
