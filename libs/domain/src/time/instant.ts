// Domain room. An instant is whole milliseconds since the epoch, UTC. Rules receive it, none reads a clock.
declare const instantBrand: unique symbol;
export type Instant = number & { readonly [instantBrand]: 'Instant' };

export function instant(epochMs: number): Instant {
  if (!Number.isSafeInteger(epochMs)) throw new RangeError(`not whole milliseconds: ${epochMs}`);
  return epochMs as Instant;
}

export function instantOfDate(date: Date): Instant {
  return instant(date.getTime());
}

/** RFC 3339 in UTC, as every door shows it. */
export function instantToText(at: Instant): string {
  return new Date(at).toISOString();
}

export function latest(first: Instant, ...others: Instant[]): Instant {
  return others.reduce((a, b) => (b > a ? b : a), first);
}
