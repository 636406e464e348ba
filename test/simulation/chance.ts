// Simulation. All chance there is: streams of numbers that follow from one seed. Each caller and each fault has a
// stream of its own, so what one of them draws never depends on how fast another one was.
import { createHash } from 'node:crypto';
import { uniformBigInt } from 'pure-rand/distribution/uniformBigInt';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Chance {
  private readonly generator: ReturnType<typeof xoroshiro128plus>;

  constructor(
    private readonly seed: number,
    private readonly path = '',
  ) {
    const hash = createHash('sha256').update(`${seed}${path}`).digest();
    this.generator = xoroshiro128plus(hash.readInt32BE(0));
  }

  /** The stream of a part, by name: the same whenever it is asked for. */
  of(part: string): Chance {
    return new Chance(this.seed, `${this.path}/${part}`);
  }

  /** From and to are both possible. */
  whole(from: number, to: number): number {
    return uniformInt(this.generator, from, to);
  }

  big(from: bigint, to: bigint): bigint {
    return uniformBigInt(this.generator, from, to);
  }

  happens(percent: number): boolean {
    return this.whole(1, 100) <= percent;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.whole(0, from.length - 1)];
    if (picked === undefined) throw new Error('nothing can be picked from nothing');
    return picked;
  }

  weighted<T extends { readonly weight: number }>(from: readonly T[]): T {
    let left = this.whole(
      1,
      from.reduce((sum, each) => sum + each.weight, 0),
    );
    for (const each of from) {
      left -= each.weight;
      if (left <= 0) return each;
    }
    throw new Error('weights are above nothing');
  }
}
