// Domain room. Sets and maps that forget their oldest entry when they are full. What is forgotten counts as new again,
// which can only hide a loop, never make one.

export class RememberedSet {
  private readonly known: Set<string>;

  constructor(
    private readonly most: number,
    entries: readonly string[] = [],
  ) {
    this.known = new Set(entries);
  }

  get size(): number {
    return this.known.size;
  }

  has(entry: string): boolean {
    return this.known.has(entry);
  }

  add(entry: string): void {
    this.known.add(entry);
    if (this.known.size > this.most) this.known.delete(this.known.values().next().value ?? '');
  }

  entries(): readonly string[] {
    return [...this.known];
  }
}

export class RememberedMap<T> {
  private readonly known: Map<string, T>;

  constructor(
    private readonly most: number,
    entries: readonly (readonly [string, T])[] = [],
  ) {
    this.known = new Map(entries);
  }

  get size(): number {
    return this.known.size;
  }

  get(key: string): T | undefined {
    return this.known.get(key);
  }

  /** The entry becomes the youngest. */
  set(key: string, value: T): void {
    this.known.delete(key);
    this.known.set(key, value);
    if (this.known.size > this.most) this.known.delete(this.known.keys().next().value ?? '');
  }

  delete(key: string): void {
    this.known.delete(key);
  }

  clear(): void {
    this.known.clear();
  }

  entries(): readonly (readonly [string, T])[] {
    return [...this.known];
  }
}
