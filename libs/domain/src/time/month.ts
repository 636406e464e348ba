// Domain room, calendar. Boundaries of billing and credit periods, always counted from the original anchor, so that a
// short month shortens nothing after it. Wall time and zone are those of the start; a later zone change moves nothing.
import { invariant } from '../failures/invariant.js';
import { Temporal } from './calendar.js';
import { type Instant, instant } from './instant.js';
import type { AnchoredPeriod, PeriodAnchor, PeriodRule } from './period-rule.js';

export function anchorAt(zone: string, at: Instant): PeriodAnchor {
  const wallTime = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime().toString();
  return { at, zone, wallTime };
}

/** Boundary 0 is the anchor itself, even where its wall time came twice and it was the second. */
export function boundary(anchor: PeriodAnchor, rule: PeriodRule, k: number): Instant {
  invariant(Number.isSafeInteger(k) && k >= 0, 'period.counts-from-its-anchor', `boundary ${k}`);
  if (k === 0) return anchor.at;
  if (rule.every === 'seconds') return instant(anchor.at + k * rule.seconds * MS_PER_SECOND);
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

const MS_PER_SECOND = 1_000;

function distance(rule: Dated, k: number): { months: number } | { years: number } | { days: number } {
  switch (rule.every) {
    case 'month':
      return { months: k };
    case 'year':
      return { years: k };
    case 'days':
      return { days: rule.days * k };
  }
}

/** Counted in dates, not in elapsed time. */
type Dated = Exclude<PeriodRule, { every: 'seconds' }>;

function roughly(anchor: PeriodAnchor, rule: PeriodRule, at: Instant): number {
  if (rule.every === 'seconds') return Math.floor((at - anchor.at) / (rule.seconds * MS_PER_SECOND));
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
