// Ledger room. The process has one thread: who has much to decide gives way after each little while, so that the few
// posts of a quiet scope need not wait for all of a hot one's.
import { setImmediate } from 'node:timers/promises';

const TURN_MS = 2;

export class Turns {
  private ofTurnsBefore = 0;
  private began = performance.now();

  /** One's own time, without that of those it gave way to. */
  get spentMs(): number {
    return this.ofTurnsBefore + performance.now() - this.began;
  }

  /** Gives way if the turn is over; asked often, it costs next to nothing. */
  async next(): Promise<void> {
    const now = performance.now();
    if (now - this.began < TURN_MS) return;
    this.ofTurnsBefore += now - this.began;
    await setImmediate();
    this.began = performance.now();
  }
}
