// Ledger room. Posts of quiet scopes that wait while a hot one is written. A hot scope always has more posts than a
// group takes: beside others its groups are small, and the next one begins a little later.

const BREATH_MS = 5;
/** Whoever asked so lately will ask again. */
const STAYS_MS = 50;

export class QuietPosts {
  private waiting = 0;
  private cameAt = -Infinity;
  private whenGone: (() => void) | undefined;

  get cameLately(): boolean {
    return this.waiting > 0 || performance.now() - this.cameAt < STAYS_MS;
  }

  came(): void {
    this.waiting += 1;
    this.cameAt = performance.now();
  }

  went(): void {
    this.waiting -= 1;
    if (this.waiting === 0) this.whenGone?.();
  }

  /** Until none of them waits, and no longer than a breath: a stream of them must not stop the hot scope. */
  async gone(): Promise<void> {
    if (this.waiting === 0) return;
    await new Promise<void>((resolve) => {
      const breath = setTimeout(resolve, BREATH_MS);
      this.whenGone = () => {
        clearTimeout(breath);
        resolve();
      };
    });
    this.whenGone = undefined;
  }
}
