// Domain room. Counts by key since the last progress: of equal calls, and of equal errors.
import type { Occurrence } from './marks.js';
import { RememberedMap } from './remembered.js';

export interface NamedOccurrence extends Occurrence {
  /** The tool or check, as its progress ends the counts it takes part in. */
  readonly name: string;
}

export type CountsState = readonly (readonly [string, readonly NamedOccurrence[]])[];

export class Counts {
  private readonly byKey: RememberedMap<readonly NamedOccurrence[]>;

  constructor(most: number, state: CountsState = []) {
    this.byKey = new RememberedMap(most, state);
  }

  get size(): number {
    return this.byKey.size;
  }

  /** The occurrences once they are as many as the threshold; the count then starts anew. */
  count(key: string, occurrence: NamedOccurrence, threshold: number): readonly NamedOccurrence[] | null {
    const counted = [...(this.byKey.get(key) ?? []), occurrence];
    if (counted.length < threshold) {
      this.byKey.set(key, counted);
      return null;
    }
    this.byKey.delete(key);
    return counted;
  }

  endAll(): void {
    this.byKey.clear();
  }

  endOf(name: string): void {
    for (const [key, counted] of this.byKey.entries()) {
      const left = counted.filter((occurrence) => occurrence.name !== name);
      if (left.length === 0) this.byKey.delete(key);
      else if (left.length < counted.length) this.byKey.set(key, left);
    }
  }

  state(): CountsState {
    return this.byKey.entries();
  }
}
