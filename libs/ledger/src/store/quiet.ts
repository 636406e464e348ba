// Ledger room. Posts of quiet scopes that wait while a hot one is written. A hot scope always has more posts than a
// group takes: beside others its groups are small, and half of the time is theirs.
import { setTimeout as sleep } from 'node:timers/promises';

const BREATH_MS = 5;
/** A group that met a lock or a slow disk is no reason to rest for as long. */
const REST_MAX_MS = 20;
/** Whoever asked so lately will ask again. */
const STAYS_MS = 50;

export class QuietPosts {
  private waiting = 0;
  private lastScope: string | undefined;
  private cameAt = -Infinity;
  /** Of another scope than the last one. */
  private otherCameAt = -Infinity;
  private whenGone: (() => void) | undefined;

  get cameLately(): boolean {
    return this.waiting > 0 || performance.now() - this.cameAt < STAYS_MS;
  }

  came(scopeId: string): void {
    this.waiting += 1;
    if (scopeId !== this.lastScope) this.otherCameAt = this.cameAt;
    this.lastScope = scopeId;
    this.cameAt = performance.now();
  }

  went(posts = 1): void {
    this.waiting -= posts;
    if (this.waiting === 0) this.whenGone?.();
  }

  /** Its posts were the first of many: a hot scope makes no room for itself. */
  turnedHot(scopeId: string, posts: number): void {
    if (this.lastScope === scopeId) this.cameAt = this.otherCameAt;
    this.went(posts);
  }

  /** Before each group of a hot scope: none of them waits, and while they ask it rests for as long as it has worked. */
  async room(workedMs: number): Promise<void> {
    await this.gone();
    if (workedMs > 0 && this.cameLately) await sleep(Math.min(workedMs, REST_MAX_MS));
  }

  /** Until none of them waits, and no longer than a breath: a stream of them must not stop the hot scope. */
  private async gone(): Promise<void> {
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
