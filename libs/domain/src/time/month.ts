// Domain room, calendar. Boundaries of billing and credit periods, always counted from the original anchor, so that a
// short month shortens nothing after it. Wall time and zone are those of the start; a later zone change moves nothing.
import { invariant } from '../failures/invariant.js';
import { Temporal } from './calendar.js';
import { type Instant, instant } from './instant.js';

export interface PeriodAnchor {
  readonly at: Instant;
  readonly zone: string;
  /** What the clocks there showed at the start, such as `2027-01-31T09:30:00.25`: kept, should rules be corrected. */
  readonly wallTime: string;
}

export type PeriodRule =
  { readonly every: 'month' } | { readonly every: 'year' } | { readonly every: 'days'; readonly days: number };

/** From `start` on, before `end`; `k` counts from 0, the period that begins at the anchor. */
export interface AnchoredPeriod {
  readonly k: number;
  readonly start: Instant;
  readonly end: Instant;
}

export const MONTHLY: PeriodRule = { every: 'month' };
export const ANNUAL: PeriodRule = { every: 'year' };

/** So many calendar dates, same wall time: 30 days are not 720 hours. */
export function days(count: number): PeriodRule {
  invariant(Number.isSafeInteger(count) && count > 0, 'period.never-empty', `every ${count} days`);
  return { every: 'days', days: count };
}

export function anchorAt(zone: string, at: Instant): PeriodAnchor {
  const wallTime = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime().toString();
  return { at, zone, wallTime };
}

/** Boundary 0 is the anchor itself, even where its wall time came twice and it was the second. */
export function boundary(anchor: PeriodAnchor, rule: PeriodRule, k: number): Instant {
  invariant(Number.isSafeInteger(k) && k >= 0, 'period.counts-from-its-anchor', `boundary ${k}`);
  if (k === 0) return anchor.at;
  const wallTime = Temporal.PlainDateTime.from(anchor.wallTime).add(distance(rule, k), { overflow: 'constrain' });
  // `compatible`: a missing wall time moves later by the gap's length, of a repeated one the first counts.
  return instant(wallTime.toZonedDateTime(anchor.zone, { disambiguation: 'compatible' }).epochMilliseconds);
}

/** The period that `at` lies in. Undefined before the anchor. */
export function periodAt(anchor: PeriodAnchor, rule: PeriodRule, at: Instant): AnchoredPeriod | undefined {
  if (at < anchor.at) return undefined;
  // The guess looks at dates alone: time of day and clamped days put it off by one at most.
  let k = roughly(anchor, rule, at);
  let start = boundary(anchor, rule, k);
  while (start > at) {
    k -= 1;
    start = boundary(anchor, rule, k);
  }
  let end = boundary(anchor, rule, k + 1);
  while (end <= at) {
    k += 1;
    start = end;
    end = boundary(anchor, rule, k + 1);
  }
  return { k, start, end };
}

function distance(rule: PeriodRule, k: number): { months: number } | { years: number } | { days: number } {
  switch (rule.every) {
    case 'month':
      return { months: k };
    case 'year':
      return { years: k };
    case 'days':
      return { days: rule.days * k };
  }
}

function roughly(anchor: PeriodAnchor, rule: PeriodRule, at: Instant): number {
  const from = Temporal.PlainDate.from(anchor.wallTime);
  const to = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(anchor.zone).toPlainDate();
  switch (rule.every) {
    case 'month':
      return Math.max((to.year - from.year) * 12 + (to.month - from.month), 0);
    case 'year':
      return Math.max(to.year - from.year, 0);
    case 'days':
      return Math.max(Math.floor(from.until(to, { largestUnit: 'days' }).days / rule.days), 0);
  }
}
