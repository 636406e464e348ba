// Ledger room. The process has one thread: who has much to decide gives way after each little while, so that the few
// posts of a quiet scope need not wait for all of a hot one's.

const TURN_MS = 1;

/** All that gave way, in their order: each round of the event loop goes on with one of them. */
const waiting: (() => void)[] = [];

export class Turns {
  private ofTurnsBefore = 0;
  private began = performance.now();

  /** One's own time, without that of those it gave way to. */
  get spentMs(): number {
    return this.ofTurnsBefore + this.ofThisTurn;
  }

  /** Asked often, it costs next to nothing. */
  get isOver(): boolean {
    return this.ofThisTurn >= TURN_MS;
  }

  private get ofThisTurn(): number {
    return performance.now() - this.began;
  }

  async giveWay(): Promise<void> {
    this.ofTurnsBefore += this.ofThisTurn;
    await nextRound();
    this.began = performance.now();
  }
}

/** Between two turns of whomever, what arrived meanwhile is heard. */
async function nextRound(): Promise<void> {
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(goOn);
  });
}

function goOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(goOn);
}
