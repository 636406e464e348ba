// Domain room. How long periods are and where they are counted from, as plain facts: plans and subscriptions speak of
// them without knowing the calendar that finds their boundaries.
import { invariant } from '../failures/invariant.js';
import type { Instant } from './instant.js';

export interface PeriodAnchor {
  readonly at: Instant;
  readonly zone: string;
  /** What the clocks there showed at the start, such as `2027-01-31T09:30:00.25`: kept, should rules be corrected. */
  readonly wallTime: string;
}

/** `seconds` are elapsed time, for plans that nobody is sold: where renewals are to be watched in minutes. */
export type PeriodRule =
  | { readonly every: 'month' }
  | { readonly every: 'year' }
  | { readonly every: 'days'; readonly days: number }
  | { readonly every: 'seconds'; readonly seconds: number };

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

export function seconds(count: number): PeriodRule {
  invariant(Number.isSafeInteger(count) && count > 0, 'period.never-empty', `every ${count} seconds`);
  return { every: 'seconds', seconds: count };
}

/** The ISO 8601 text of a rule, as files and tables have it: `P1M`, `P1Y`, `P30D`, `PT300S`. */
export function periodText(rule: PeriodRule): string {
  switch (rule.every) {
    case 'month':
      return 'P1M';
    case 'year':
      return 'P1Y';
    case 'days':
      return `P${rule.days}D`;
    case 'seconds':
      return `PT${rule.seconds}S`;
  }
}

/** Undefined for every other text, durations of other lengths among them. */
export function periodOfText(text: string): PeriodRule | undefined {
  if (text === 'P1M') return MONTHLY;
  if (text === 'P1Y') return ANNUAL;
  const counted = /^P(?:([1-9]\d{0,3})D|T([1-9]\d{0,6})S)$/.exec(text);
  if (counted === null) return undefined;
  const [, dates, elapsed] = counted;
  return dates === undefined ? seconds(Number(elapsed)) : days(Number(dates));
}
