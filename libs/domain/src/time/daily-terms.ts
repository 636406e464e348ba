// Domain room, calendar. The daily schedule under changing terms: when a scope's day began, when it ends, and what it
// grants. No reset comes early and no flip of the zone gives an extra lot, whatever the order of changes.
//
// When a day begins, N is the next midnight of the zone it began in. A change before N moves the next reset to the
// first midnight of the new zone that is not before N. A change at or after N (the reset is still to come) counts as
// made in the next day, which begins in the zone that brought its reset. So each row says "from my N on, my zone's
// midnights reset", until the N of the row after it. N lies after the change it came with, so the past never moves.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { DailyPeriod, DailyTerms } from './daily-period.js';
import { dayAt, type Day, midnightNotBefore } from './day.js';
import { type Instant, instant, latest } from './instant.js';

export interface TermsChange {
  readonly zone?: string;
  readonly dailyAllowance?: MicroCredits;
}

const HALF_A_DAY_MS = 12 * 3_600_000;
const THREE_DAYS_MS = 72 * 3_600_000;

export function firstTerms(terms: Required<TermsChange>, createdAt: Instant): DailyTerms {
  const { end } = dayAt(terms.zone, createdAt);
  return { ...terms, number: 1, effectiveAt: createdAt, resetNotBefore: end, nextResetAt: end };
}

/** The row to append. A change that names nothing renews the announcement of the terms in force. */
export function changeTerms(rows: readonly DailyTerms[], change: TermsChange, at: Instant): DailyTerms {
  const last = rowAt(rows, rows.length - 1);
  invariant(at >= last.effectiveAt, 'scope.time-never-back', `a change at ${at}, the last one at ${last.effectiveAt}`);
  const { zone = last.zone, dailyAllowance = last.dailyAllowance } = change;
  const resetNotBefore = at < last.resetNotBefore ? last.resetNotBefore : ownDay(last, at).end;
  const announced = zone === last.zone && resetNotBefore === last.resetNotBefore;
  const nextResetAt = announced ? last.nextResetAt : midnightNotBefore(zone, resetNotBefore);
  return { number: last.number + 1, effectiveAt: at, zone, dailyAllowance, resetNotBefore, nextResetAt };
}

/** The daily lot at `at`, as the rows in force by then say. Undefined before the first row: there was no scope yet. */
export function dailyPeriodAt(rows: readonly DailyTerms[], at: Instant): DailyPeriod | undefined {
  const inForce = countUpTo(rows, rows.length, (row) => row.effectiveAt <= at);
  return inForce === 0 ? undefined : withGrant(rows, inForce, scheduledDay(rows, inForce, at));
}

/** The daily lots that live within [from, to), each as it was at its end, all given rows in force. */
export function dailyPeriodsBetween(rows: readonly DailyTerms[], from: Instant, to: Instant): DailyPeriod[] {
  const periods: DailyPeriod[] = [];
  let at = latest(from, rowAt(rows, 0).effectiveAt);
  while (at < to) {
    const day = scheduledDay(rows, rows.length, at);
    invariant(day.end > at, 'day.contains-its-instant', `the day of ${at} ends at ${day.end}`);
    const inForce = countUpTo(rows, rows.length, (row) => row.effectiveAt < day.end);
    periods.push(withGrant(rows, inForce, day));
    at = day.end;
  }
  return periods;
}

/** Growth only: an upgrade counts at once, a downgrade from the next reset. At one instant the reset comes first. */
function withGrant(rows: readonly DailyTerms[], inForce: number, day: Day): DailyPeriod {
  const beforeReset = countUpTo(rows, inForce, (row) => row.effectiveAt < day.start);
  const atReset = rows.slice(Math.max(beforeReset - 1, 0), inForce).map((row) => row.dailyAllowance);
  const grantedNow = atReset.reduce((largest, allowance) => (allowance > largest ? allowance : largest));
  const { dailyAllowance: allowance } = rowAt(rows, inForce - 1);
  return { key: day.start, start: day.start, end: day.end, allowance, grantedNow };
}

/** The resets around `at`. Each row rules from its N to the next row's; of rows with the same N only the last one. */
function scheduledDay(rows: readonly DailyTerms[], inForce: number, at: Instant): Day {
  const ruling = lastNotAfter(rows, inForce, at);
  const row = rows[ruling];
  if (row === undefined) return { start: firstStart(rows), end: firstResetOf(rows, inForce, rowAt(rows, 0)) };
  const day = at < row.nextResetAt ? undefined : ownDay(row, at);
  const end = day?.end ?? row.nextResetAt;
  const next = ruling + 1 < inForce ? rows[ruling + 1] : undefined;
  return {
    start: day?.start ?? startBefore(rows, inForce, row),
    end: next === undefined || end < next.resetNotBefore ? end : firstResetOf(rows, inForce, next),
  };
}

/** Start of the day that runs over the N of `row`, because the first midnight of its zone comes later. */
function startBefore(rows: readonly DailyTerms[], inForce: number, row: DailyTerms): Instant {
  const justBefore = instant(row.resetNotBefore - 1);
  const former = rows[lastNotAfter(rows, inForce, justBefore)];
  return former === undefined ? firstStart(rows) : ownDay(former, justBefore).start;
}

/** The first lot is that of the creation date. */
function firstStart(rows: readonly DailyTerms[]): Instant {
  const first = rowAt(rows, 0);
  return dayAt(first.zone, first.effectiveAt).start;
}

function firstResetOf(rows: readonly DailyTerms[], inForce: number, row: DailyTerms): Instant {
  return rowAt(rows, lastNotAfter(rows, inForce, row.resetNotBefore)).nextResetAt;
}

/**
 * A day of the row's own zone; before the row's first reset, the day that begins with it. That reset was announced and
 * stands even where a later time-zone release moved the midnight: half a day on, both versions lie in the same day, and
 * so it gets one lot.
 */
function ownDay(row: DailyTerms, at: Instant): Day {
  if (at - row.nextResetAt >= THREE_DAYS_MS) return dayAt(row.zone, at);
  const { end } = dayAt(row.zone, instant(row.nextResetAt + HALF_A_DAY_MS));
  return at < end ? { start: row.nextResetAt, end } : dayAt(row.zone, at);
}

function lastNotAfter(rows: readonly DailyTerms[], inForce: number, at: Instant): number {
  return countUpTo(rows, inForce, (row) => row.resetNotBefore <= at) - 1;
}

/** How many of the first `length` rows hold; rows only ever rise, so those that hold come first. */
function countUpTo(rows: readonly DailyTerms[], length: number, holds: (row: DailyTerms) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(rowAt(rows, middle))) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowAt(rows: readonly DailyTerms[], index: number): DailyTerms {
  const row = rows[index];
  invariant(row !== undefined, 'terms.never-empty', `no row ${index} of ${rows.length}`);
  return row;
}
