// Ledger room. Terms of a scope as statements read them: which rows can rule a day at all, and what they say.
import type { DailyTerms } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';

/** Terms older than this cannot rule a day any more, but for the newest of them (`dailyPeriodAt`). */
const TERMS_TAIL_DAYS = 5;

/** As a condition on `ledger.terms`: the newest terms older than that, and all since. */
export function termsTail(scopeId: string, at: string): string {
  return `scope_id = ${scopeId} AND number >= coalesce((SELECT tail.number FROM ledger.terms tail
    WHERE tail.scope_id = ${scopeId} AND tail.effective_at <= ${at} - interval '${TERMS_TAIL_DAYS} days'
    ORDER BY tail.effective_at DESC, tail.number DESC LIMIT 1), 0)`;
}

export interface TermsFiguresRow {
  readonly number: number;
  readonly effective_at: Date;
  readonly zone: string;
  readonly daily_allowance: string;
  readonly reset_not_before: Date;
  readonly next_reset_at: Date;
}

/** Amounts as text: they may come out of JSON, where a number would lose digits above 2^53. */
export const TERMS_FIGURES = `number, effective_at, zone, daily_allowance::text AS daily_allowance, reset_not_before,
  next_reset_at`;

export function termsOf(row: TermsFiguresRow): DailyTerms {
  return {
    number: row.number,
    effectiveAt: instantOfDate(row.effective_at),
    zone: row.zone,
    dailyAllowance: parseMicroCredits(row.daily_allowance),
    resetNotBefore: instantOfDate(row.reset_not_before),
    nextResetAt: instantOfDate(row.next_reset_at),
  };
}
