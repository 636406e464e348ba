// Domain room, calendar. Days on which people work: neither weekend nor holiday, in one zone. A target counts whole
// days after the one on which it was set, and is met until the last of them is over.
import { Temporal } from './calendar.js';
import { dayAt } from './day.js';
import type { Instant } from './instant.js';
import { instant } from './instant.js';

export interface BusinessCalendar {
  readonly zone: string;
  /** Dates such as `2027-05-17`. */
  readonly holidays: readonly string[];
}

const SATURDAY = 6;

/** The end of the given number of business days after the day of `from`; of none, the end of that day itself. */
export function endOfBusinessDay(calendar: BusinessCalendar, from: Instant, days: number): Instant {
  let { end } = dayAt(calendar.zone, from);
  for (let left = days; left > 0;) {
    const day = dayAt(calendar.zone, end);
    if (isBusinessDay(calendar, day.start)) left -= 1;
    ({ end } = day);
  }
  return end;
}

/** Business days after the day of `from`, that of `to` among them. */
export function businessDaysBetween(calendar: BusinessCalendar, from: Instant, to: Instant): number {
  let count = 0;
  for (let { end: at } = dayAt(calendar.zone, from); at <= to; at = dayAt(calendar.zone, at).end) {
    if (isBusinessDay(calendar, at)) count += 1;
  }
  return count;
}

function isBusinessDay({ zone, holidays }: BusinessCalendar, at: Instant): boolean {
  const date = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  return date.dayOfWeek < SATURDAY && !holidays.includes(date.toString());
}

/** Until when a case is to be answered, and when that is late. Null before it is complete. */
export interface ReviewClock {
  readonly targetAt: Instant | null;
  readonly dueAt: Instant | null;
  /** Since when it waits for whoever reported; null while it runs. */
  readonly pausedAt: Instant | null;
}

export const CLOCK_NOT_STARTED: ReviewClock = { targetAt: null, dueAt: null, pausedAt: null };

export interface ReviewDays {
  readonly target: number;
  readonly breach: number;
}

export function startClock(calendar: BusinessCalendar, at: Instant, days: ReviewDays): ReviewClock {
  const [targetAt, dueAt] = [days.target, days.breach].map((count) => endOfBusinessDay(calendar, at, count));
  return { targetAt: targetAt ?? null, dueAt: dueAt ?? null, pausedAt: null };
}

export function pauseClock(clock: ReviewClock, at: Instant): ReviewClock {
  return clock.dueAt === null ? clock : { ...clock, pausedAt: clock.pausedAt ?? at };
}

/** Each business day that began in the pause is added; what was late before it stays late. */
export function resumeClock(calendar: BusinessCalendar, clock: ReviewClock, at: Instant): ReviewClock {
  const { pausedAt } = clock;
  if (pausedAt === null) return clock;
  const passed = businessDaysBetween(calendar, pausedAt, at);
  const later = (end: Instant | null): Instant | null => {
    if (end === null || end <= pausedAt) return end;
    return endOfBusinessDay(calendar, instant(end - 1), passed);
  };
  return { targetAt: later(clock.targetAt), dueAt: later(clock.dueAt), pausedAt: null };
}
