// Workflows room. Turns: what came first is done first, and nothing is done beside it.

export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  get areTaken(): boolean {
    return this.waiting > 0;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    this.waiting += 1;
    const mine = this.last.then(work);
    // A turn that broke is its caller's affair; the next one comes all the same.
    this.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.waiting -= 1;
    }
  }
}
