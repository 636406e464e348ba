// Domain room, calendar. The local days that a stretch of time touches, each with its date: what usage is told by.
import { Temporal } from './calendar.js';
import { dayAt } from './day.js';
import type { Instant } from './instant.js';

export interface LocalDay {
  readonly start: Instant;
  /** Such as `2027-01-31`. */
  readonly date: string;
}

/** In order; the first may begin before `from`. Dates that a zone skipped are not among them. */
export function localDaysBetween(zone: string, from: Instant, to: Instant): readonly LocalDay[] {
  const days: LocalDay[] = [];
  for (let at = from; at < to;) {
    const { start, end } = dayAt(zone, at);
    days.push({ start, date: localDate(zone, start) });
    at = end;
  }
  return days;
}

function localDate(zone: string, at: Instant): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString();
}
