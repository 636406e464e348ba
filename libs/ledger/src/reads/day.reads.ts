// Ledger room, read side. The day of a scope at one point, from its terms alone, and the lot that is due before any
// posting has needed it: what the ledger would open is shown as if it were open.
import type { DailyPeriod, Instant, Lot } from '@fairmeter/domain';
import { dueLot } from '@fairmeter/domain';
import { dailyPeriodAt } from '@fairmeter/domain/time';
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { TERMS_FIGURES, termsOf, termsTail, type TermsFiguresRow } from '../rows/terms-figures.js';
import type { ScopePoint } from './scope-point.js';

const TERMS = plannedOnce(`SELECT ${TERMS_FIGURES} FROM ledger.terms
WHERE effective_at <= $2 AND number <= $3 AND ${termsTail('$1', '$2::timestamptz')} ORDER BY number`);

/** What `at` says of the day; null where the scope has no terms by then. */
export async function readDay(tx: EntityManager, { scopeId, at, termsRows }: ScopePoint): Promise<DailyPeriod | null> {
  const rows = await tx.query<TermsFiguresRow[]>(TERMS, [scopeId, new Date(at).toISOString(), termsRows]);
  return dayOf(rows, at);
}

export function dayOf(rows: readonly TermsFiguresRow[], at: Instant): DailyPeriod | null {
  return dailyPeriodAt(rows.map(termsOf), at) ?? null;
}

/** What the ledger would have opened by then: today's lot, of a test scope the month's; null where none is given. */
export function dueAt({ scopeId, at, entrySeq }: ScopePoint, day: DailyPeriod | null): Lot | null {
  return dueLot({ scopeId, at, day }, entrySeq + 1n);
}

/** `lots` must hold the one that is due if it was opened, however little is left of it. */
export function withUnopened(lots: readonly Lot[], due: Lot | null): readonly Lot[] {
  if (due === null) return lots;
  return lots.some((lot) => lot.id === due.id) ? endingAsTold(lots, due) : [...lots, due];
}

/** Today's lot ends when the terms of that instant say: a later change of the zone may have moved its row's end. */
export function endingAsTold(lots: readonly Lot[], due: Lot | null): Lot[] {
  return lots.map((lot) => (lot.id === due?.id ? { ...lot, expiresAt: due.expiresAt } : lot));
}
