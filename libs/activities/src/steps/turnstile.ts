// Activities room. Where steps begin one after the other instead of all at once: more of them than there are processors
// only slow each other down, and with them whoever waits for an answer. First come, first served.

export class Turnstile {
  private readonly line: (() => void)[] = [];
  private inside = 0;

  constructor(private readonly places: number) {}

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside < this.places) this.inside += 1;
    // Whoever leaves hands the place on, so that nobody can slip in between.
    else await new Promise<void>((resolve) => this.line.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.line.shift();
      if (next === undefined) this.inside -= 1;
      else next();
    }
  }
}
