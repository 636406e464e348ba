// Providers room, tools. Skeleton.
import type { Part, PartShares } from './extras.js';

export function partOfPath(path: string): Part {
  throw new Error(`not yet ${path}`);
}

/** Splits what an answer cost (output tokens, micro-credits) over its parts, by bytes and largest remainder. */
export function splitByPart(answer: string, whole: bigint): PartShares {
  throw new Error(`not yet ${answer} ${whole}`);
}
