// Bench room, measuring. Things that arrive by name, before or after somebody waits for them.

export class Arrivals<T> {
  private readonly waiting = new Map<string, { resolve: (value: T) => void; reject: (error: Error) => void }>();
  private readonly early = new Map<string, T>();

  of(name: string): Promise<T> {
    const found = this.early.get(name);
    if (found !== undefined || this.early.has(name)) {
      this.early.delete(name);
      return Promise.resolve(found as T);
    }
    return new Promise((resolve, reject) => this.waiting.set(name, { resolve, reject }));
  }

  arrive(name: string, value: T): void {
    const waiter = this.waiting.get(name);
    if (waiter === undefined) this.early.set(name, value);
    else waiter.resolve(value);
    this.waiting.delete(name);
  }

  /** Nothing will arrive any more. */
  fail(error: Error): void {
    for (const waiter of this.waiting.values()) waiter.reject(error);
    this.waiting.clear();
  }
}
