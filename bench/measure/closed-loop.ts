// Bench room, measuring. The closed loop: a fixed number of jobs in flight, a new one for every one that is done.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Side } from './side.js';

export interface ClosedLoop {
  readonly inFlight: number;
  /** Time to fill up before anything is counted. */
  readonly rampMs: number;
  readonly windowMs: number;
}

export interface ClosedLoopResult {
  readonly perSecond: number;
  readonly done: number;
  readonly seconds: number;
  /** From asking to done, of all jobs of the round: one that was lost and found again shows here. */
  readonly slowestMs: number;
}

/** Counts what is done within the window, and waits for the rest before it returns: nobody inherits its load. */
export async function closedLoop(
  side: Side,
  loop: ClosedLoop,
  around: { readonly windowOpens?: () => void; readonly windowCloses?: () => void } = {},
): Promise<ClosedLoopResult> {
  const state = { running: true, counting: false, done: 0, slowestMs: 0 };
  const one = async (_: unknown, index: number): Promise<void> => {
    // Spread over half the ramp: the wave of a common start would roll through the whole round.
    await sleep((index * loop.rampMs) / (2 * loop.inFlight));
    while (state.running) {
      const asked = performance.now();
      const { done } = await side.submit();
      await done;
      state.slowestMs = Math.max(state.slowestMs, performance.now() - asked);
      if (state.counting) state.done += 1;
    }
  };
  const all = Promise.all(Array.from({ length: loop.inFlight }, one));
  const measure = async (): Promise<number> => {
    await sleep(loop.rampMs);
    around.windowOpens?.();
    const opened = performance.now();
    state.counting = true;
    await sleep(loop.windowMs);
    state.counting = false;
    state.running = false;
    const seconds = (performance.now() - opened) / 1000;
    around.windowCloses?.();
    return seconds;
  };
  try {
    const [seconds] = await Promise.all([measure(), all]);
    return { perSecond: state.done / seconds, done: state.done, seconds, slowestMs: state.slowestMs };
  } finally {
    state.running = false;
  }
}
