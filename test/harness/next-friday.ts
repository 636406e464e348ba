// Test harness. A Friday afternoon that lies ahead, and the Monday after it, for what counts in business days.
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The next Friday 17:00 UTC that is ahead by an hour at least, and the Monday after it. */
export function nextFriday(now: number): { readonly friday: number; readonly monday: string } {
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  for (let day = midnight; ; day += DAY_MS) {
    const friday = day + 17 * HOUR_MS;
    if (new Date(day).getUTCDay() !== 5 || friday < now + HOUR_MS) continue;
    return { friday, monday: new Date(day + 3 * DAY_MS).toISOString().slice(0, 10) };
  }
}
