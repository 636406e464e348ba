// Bench room, measuring. Two sides in turn, A B A B A B, so that a machine that slows down slows both.
import { median } from './percentiles.js';

export interface RoundPair<T> {
  readonly a: T;
  readonly b: T;
}

export async function alternate<T>(
  pairs: number,
  measureA: (pair: number) => Promise<T>,
  measureB: (pair: number) => Promise<T>,
): Promise<readonly RoundPair<T>[]> {
  const rounds: RoundPair<T>[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    rounds.push({ a: await measureA(pair), b: await measureB(pair) });
  }
  return rounds;
}

/** Neighbours in time are compared with each other, then the middle one of the ratios speaks for all. */
export function medianRatio<T>(rounds: readonly RoundPair<T>[], of: (round: T) => number): number {
  return median(rounds.map(({ a, b }) => of(a) / of(b)));
}
