// Bench room, the ledger. A load that goes on until it is told to stop: so many callers, each with its next cycle as
// soon as the last one is done.
import type { CycleSide } from './cycle-side.js';

export interface HotLoad {
  /** Ends when every cycle in flight has ended; answers cycles per second since the start. */
  stop(): Promise<number>;
}

export function startHotLoad(side: CycleSide, callers: number): HotLoad {
  const state = { running: true };
  const started = performance.now();
  const before = side.cycles;
  const one = async (): Promise<void> => {
    while (state.running) {
      const { done } = await side.submit();
      await done;
    }
  };
  const all = Promise.all(Array.from({ length: callers }, one));
  all.catch(() => undefined);
  return {
    stop: async () => {
      state.running = false;
      const perSecond = ((side.cycles - before) * 1000) / (performance.now() - started);
      await all;
      return perSecond;
    },
  };
}
