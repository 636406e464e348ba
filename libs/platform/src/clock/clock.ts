// Platform room. The one place where the real clock is read; whoever needs the time is handed a clock. Platform knows
// no room above it, so the time is plain whole milliseconds since the epoch: `instant(clock.now())` is the domain's
// word.
export interface Clock {
  now(): number;
}

export const systemClock: Clock = Object.freeze({ now: () => Date.now() });
