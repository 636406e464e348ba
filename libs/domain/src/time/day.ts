// Domain room, calendar. Local days as instants: where the day of an instant begins and ends in a zone. A midnight that
// does not exist is the date's first instant, of one that occurs twice the first counts, a skipped date has no day.
import { invariant } from '../failures/invariant.js';
import { Temporal } from './calendar.js';
import { type Instant, instant } from './instant.js';

/** `start` <= any instant of the day < `end`, and `end` is the start of the next existing date. */
export interface Day {
  readonly start: Instant;
  readonly end: Instant;
}

/** Days behind each other in one zone: today, the neighbours of a change, a few that are looked back at. */
const DAYS_KEPT = 8;
/** More than there are names, so that only a flood of spellings empties it. */
const ZONES_KEPT = 1_024;

// A pure memo: the same question has the same answer as long as the process and its time-zone release live.
const known = new Map<string, Day[]>();

/** The local day that `at` lies in. Microseconds when the day was asked for lately, some ten of them otherwise. */
export function dayAt(zone: string, at: Instant): Day {
  const days = known.get(zone);
  const kept = days?.find((day) => day.start <= at && at < day.end);
  if (kept !== undefined) return kept;
  const day = calculated(zone, at);
  if (days === undefined) {
    if (known.size >= ZONES_KEPT) known.clear();
    known.set(zone, [day]);
  } else {
    days.unshift(day);
    if (days.length > DAYS_KEPT) days.pop();
  }
  return day;
}

/** The first instant of the next existing local date, always after `at`. */
export function nextMidnight(zone: string, at: Instant): Instant {
  return dayAt(zone, at).end;
}

/** The first local midnight that is not before `at`. */
export function midnightNotBefore(zone: string, at: Instant): Instant {
  const day = dayAt(zone, at);
  return day.start === at ? at : day.end;
}

/** The day of a date such as `2025-11-02`; undefined when the zone skipped that date altogether. */
export function dayOfDate(zone: string, isoDate: string): Day | undefined {
  const date = Temporal.PlainDate.from(isoDate);
  const start = firstInstantOf(date, zone);
  const end = firstInstantOf(date.add({ days: 1 }), zone);
  return start < end ? { start, end } : undefined;
}

function calculated(zone: string, at: Instant): Day {
  let date = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  let start = firstInstantOf(date, zone);
  date = date.add({ days: 1 });
  let end = firstInstantOf(date, zone);
  // Clocks set back over midnight show the old date once more, although the new day has begun.
  while (end <= at) {
    start = end;
    date = date.add({ days: 1 });
    end = firstInstantOf(date, zone);
  }
  invariant(start <= at, 'day.contains-its-instant', `${zone} at ${at}: day from ${start}`);
  return { start, end };
}

/** Of a skipped date: the first instant of the date after it. */
export function firstInstantOf(date: Temporal.PlainDate, zone: string): Instant {
  return instant(date.toZonedDateTime(zone).epochMilliseconds);
}
