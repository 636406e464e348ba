// Domain room. The terms of a scope: zone and daily allowance as rows that are only ever appended, and the limits in
// force. A daily lot is nothing but what these rows say at an instant; the day's first posting opens it.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { DailyPeriod, DailyTerms } from '../time/daily-period.js';
import { instant, type Instant, instantToText, latest } from '../time/instant.js';
import type { Counter, CounterKind, CounterPeriod, Limit, LimitNow } from './counter.js';
import { COUNTER_PERIODS } from './counter.js';
import type { Lot, LotKind } from './lot.js';
import { hasEverLived } from './lot.js';

/** Names a limit without its figures: whatever of this kind and subject is in force when a step begins counts. */
export interface LimitRef {
  readonly kind: CounterKind;
  readonly subject: string;
  /** Whose limit counts for a subject that has none of its own: what everyone may have is said once. */
  readonly usual?: string;
}

/** A row of the limits' history. No amount takes the limit away. */
export interface LimitChange extends Omit<Limit, 'amount'> {
  readonly amount: MicroCredits | null;
}

export interface ScopeTerms {
  /** In order; the newest ones suffice (see `dailyPeriodAt`). */
  readonly rows: readonly DailyTerms[];
  readonly limits: readonly Limit[];
  /** Where the lot begins that the scope opened by itself last (see `dueLot`): each is opened once. */
  readonly dayOpened: Instant | null;
}

export const NO_TERMS: ScopeTerms = Object.freeze({ rows: [], limits: [], dayOpened: null });

export interface TermsChanges {
  readonly rows: readonly DailyTerms[];
  readonly limits: readonly LimitChange[];
  /** Null where no such lot was opened. */
  readonly dayOpened: Instant | null;
}

export const SAME_TERMS: TermsChanges = Object.freeze({ rows: [], limits: [], dayOpened: null });

export function applyTerms(terms: ScopeTerms, changes: TermsChanges): ScopeTerms {
  if (changes.rows.length === 0 && changes.limits.length === 0 && changes.dayOpened === null) return terms;
  return {
    rows: [...terms.rows, ...changes.rows],
    limits: applyLimits(terms.limits, changes.limits),
    dayOpened: changes.dayOpened ?? terms.dayOpened,
  };
}

/** One of each name, the last: among the limits as among the changes. */
export function applyLimits(limits: readonly Limit[], changes: readonly LimitChange[]): Limit[] {
  const after = new Map(limits.map((limit) => [limitName(limit), limit]));
  for (const { amount, ...named } of changes) {
    if (amount === null) after.delete(limitName(named));
    else after.set(limitName(named), { ...named, amount });
  }
  return [...after.values()];
}

function limitName({ kind, subject, period }: Omit<Limit, 'amount'>): string {
  return `${kind}|${period}|${subject}`;
}

/** The same before it is opened and after: a listing may show today's lot although no posting has needed it yet. */
export function dailyLotId(scopeId: string, day: Instant): string {
  return `lot_day_${scopeId.slice(scopeId.indexOf('/') + 1).replaceAll('/', '_')}_${day}`;
}

export function dailySource(day: Instant): string {
  return `day/${instantToText(day)}`;
}

/** Lots that begin a period: an account's from its plan, an end user's from theirs. */
export type PeriodKind = Extract<LotKind, 'subscription' | 'eu_allowance'>;
export const PERIOD_KINDS: readonly LotKind[] = ['subscription', 'eu_allowance'] satisfies readonly PeriodKind[];

const DAY_MS = 86_400_000;

/** Where the limits count now. Without terms a day is one of UTC, without a period lot there was one period only. */
export function limitsNow({ limits, day, lots, counters, at }: LimitGround, refs: readonly LimitRef[]): LimitNow[] {
  const starts = {
    day: day?.start ?? instant(Math.floor(at / DAY_MS) * DAY_MS),
    billing_period: periodStart(lots, at),
    total: instant(0),
  };
  // In the order of the names and of the periods, whatever order they were loaded in: the first that is full answers.
  return refs.flatMap((ref) =>
    COUNTER_PERIODS.flatMap((period) => {
      const limit = limitUnder(limits, ref, period);
      if (limit === undefined) return [];
      return [{ limit, periodStart: begun(counters, limit, { start: starts[period], at }) }];
    }),
  );
}

/** Counted by the subject in any case. */
function limitUnder(
  limits: readonly Limit[],
  { kind, subject, usual }: LimitRef,
  period: CounterPeriod,
): Limit | undefined {
  const of = (name: string | undefined): Limit | undefined =>
    limits.find((one) => one.kind === kind && one.subject === name && one.period === period);
  const limit = of(subject) ?? of(usual);
  return limit === undefined ? undefined : { ...limit, subject };
}

export interface LimitGround {
  readonly limits: readonly Limit[];
  readonly day: DailyPeriod | null;
  readonly lots: readonly Lot[];
  readonly counters: readonly Counter[];
  readonly at: Instant;
}

/**
 * The first terms of a scope may say that its day began before the counter of this day did: it goes on in that counter,
 * or the limit would be given twice.
 */
function begun(counters: readonly Counter[], limit: Limit, { start, at }: { start: Instant; at: Instant }): Instant {
  const starts = counters
    .filter(({ kind, subject, period }) => kind === limit.kind && subject === limit.subject && period === limit.period)
    .map((counter) => counter.periodStart);
  return latest(start, ...starts.filter((one) => one <= at));
}

/** A renewal that is booked ahead says when it begins; until then the end of the present lot is when it is due. */
export function nextPeriodStart(
  { day, lots, at }: Pick<LimitGround, 'day' | 'lots' | 'at'>,
  period: CounterPeriod,
): Instant | null {
  if (period === 'total') return null;
  if (period === 'day') return day?.end ?? instant((Math.floor(at / DAY_MS) + 1) * DAY_MS);
  const starts = periodsOf(lots)
    .flatMap(({ start, end }) => [start, ...(end === null ? [] : [end])])
    .filter((start) => start > at);
  return starts.length === 0 ? null : instant(Math.min(...starts));
}

/**
 * Counters turn when a lot's period begins, whenever the lot was posted: nothing runs then. Where no next lot was
 * posted, because nobody has paid for it yet, the next period has begun all the same when this one was over.
 */
function periodStart(lots: readonly Lot[], at: Instant): Instant {
  const [present] = periodsOf(lots)
    .filter(({ start }) => start <= at)
    .sort((a, b) => b.start - a.start || (b.end ?? Infinity) - (a.end ?? Infinity));
  if (present === undefined) return instant(0);
  return present.end !== null && present.end <= at ? present.end : present.start;
}

interface LotPeriod {
  readonly start: Instant;
  readonly end: Instant | null;
}

function periodsOf(lots: readonly Lot[]): LotPeriod[] {
  return lots
    .filter((lot) => PERIOD_KINDS.includes(lot.kind) && hasEverLived(lot))
    .map((lot) => ({ start: lot.periodStart ?? lot.validFrom, end: lot.expiresAt }));
}
