// Ledger room, read side. The day of a scope at one point, from its terms alone, and today's lot before any posting has
// needed it: what the ledger would open is shown as if it were open.
import type { DailyPeriod, Instant, Lot } from '@fairmeter/domain';
import { dailyLotId, untouchedDailyLot } from '@fairmeter/domain';
import { dailyPeriodAt } from '@fairmeter/domain/time';
import type { EntityManager } from 'typeorm';
import { TERMS_FIGURES, termsOf, termsTail, type TermsFiguresRow } from '../rows/terms-figures.js';
import type { ScopePoint } from './scope-point.js';

const TERMS = `SELECT ${TERMS_FIGURES} FROM ledger.terms
WHERE effective_at <= $2 AND ${termsTail('$1', '$2::timestamptz')} ORDER BY number`;

/** What `at` says of the day; null where the scope has no terms by then. */
export async function readDay(tx: EntityManager, { scopeId, at }: ScopePoint): Promise<DailyPeriod | null> {
  const rows = await tx.query<TermsFiguresRow[]>(TERMS, [scopeId, new Date(at).toISOString()]);
  return dayOf(rows, at);
}

export function dayOf(rows: readonly TermsFiguresRow[], at: Instant): DailyPeriod | null {
  return dailyPeriodAt(rows.map(termsOf), at) ?? null;
}

/** The id of today's lot, for a query that must find it also when nothing is left of it. */
export function todaysLotId(scopeId: string, day: DailyPeriod | null): string | null {
  return day === null ? null : dailyLotId(scopeId, day.key);
}

/** `lots` must hold today's if it was opened, however little is left of it. */
export function withUnopenedDay(lots: readonly Lot[], point: ScopePoint, day: DailyPeriod | null): readonly Lot[] {
  if (day === null || day.grantedNow <= 0n) return lots;
  const { scopeId, entrySeq } = point;
  if (lots.some((lot) => lot.id === todaysLotId(scopeId, day))) return endingAsTold(lots, scopeId, day);
  return [...lots, untouchedDailyLot(scopeId, day, entrySeq + 1n)];
}

/** Today's lot ends when the terms of that instant say: a later change of the zone may have moved its row's end. */
export function endingAsTold(lots: readonly Lot[], scopeId: string, day: DailyPeriod | null): Lot[] {
  const id = todaysLotId(scopeId, day);
  return lots.map((lot) => (day !== null && lot.id === id ? { ...lot, expiresAt: day.end } : lot));
}
