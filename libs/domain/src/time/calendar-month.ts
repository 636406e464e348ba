// Domain room, calendar. The calendar month of an instant in a zone: what a limit by the month is counted in.
import { Temporal } from './calendar.js';
import { dayAt, firstInstantOf } from './day.js';
import type { Instant } from './instant.js';

/** `start` <= any instant of the month < `end`. */
export interface CalendarMonth {
  readonly start: Instant;
  readonly end: Instant;
}

export function calendarMonthAt(zone: string, at: Instant): CalendarMonth {
  // By the day: clocks set back over midnight show the old date once more, although the new day has begun.
  const { start } = dayAt(zone, at);
  const today = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone).toPlainDate();
  const first = today.with({ day: 1 });
  return { start: firstInstantOf(first, zone), end: firstInstantOf(first.add({ months: 1 }), zone) };
}
