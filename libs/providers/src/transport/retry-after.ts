// Providers room: how long a provider asks us to wait, from `retry-after-ms` or `Retry-After`.

/** A longer wait than this is taken as this: it is our scheduler that decides, the header only informs it. */
const RETRY_AFTER_MAX_MS = 24 * 60 * 60 * 1000;

const DECIMAL = /^\d{1,12}(\.\d{1,6})?$/;
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;

/** Null when neither header is there or readable. A moment already past is 0. */
export function readRetryAfterMs(headers: Headers, nowMs: () => number): number | null {
  const milliseconds = headers.get('retry-after-ms')?.trim();
  if (milliseconds !== undefined && DECIMAL.test(milliseconds)) {
    return bounded(Number(milliseconds));
  }
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) {
    return null;
  }
  if (DECIMAL.test(value)) {
    return bounded(Number(value) * 1000);
  }
  const until = readHttpDate(value);
  if (until === null) {
    return null;
  }
  // The provider's own clock, where it tells it, measures the wait without our skew.
  return bounded(until - (readHttpDate(headers.get('date')?.trim() ?? '') ?? nowMs()));
}

function readHttpDate(value: string): number | null {
  if (!HTTP_DATE.test(value)) {
    return null;
  }
  const instant = Date.parse(value);
  return Number.isNaN(instant) ? null : instant;
}

function bounded(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 0), RETRY_AFTER_MAX_MS);
}
