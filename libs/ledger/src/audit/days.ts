// Ledger room. The auditor's check of days: what a day's lot was given and when it ends follows from the terms alone.
// The calendar is not in the database, so this one check reckons here, a batch of scopes at a time.
import type { DailyPeriod, DailyTerms, Instant } from '@fairmeter/domain';
import { instant, instantOfDate, instantToText } from '@fairmeter/domain';
import { dailyPeriodAt } from '@fairmeter/domain/time';
import type { Transaction } from '@fairmeter/platform/database';
import { isDayLot } from '../rows/day-lots.js';
import { TERMS_FIGURES, termsOf, type TermsFiguresRow } from '../rows/terms-figures.js';
import type { CheckReport } from './report.js';

const SCOPES_AT_ONCE = 500;

interface DayRow {
  readonly scope_id: string;
  readonly id: string;
  readonly granted: bigint;
  readonly valid_from: Date;
  readonly expires_at: Date;
}

interface TermsOfScopeRow extends TermsFiguresRow {
  readonly scope_id: string;
}

/**
 * Only what the ledger opened by itself: a daily lot that somebody granted by hand has no terms behind it, and one that
 * was taken back no longer follows them.
 */
const DAYS = `SELECT scope_id, id, granted, valid_from, expires_at FROM ledger.lots
WHERE scope_id = ANY ($1) AND kind = 'daily' AND NOT clawed_back AND ${isDayLot('id')}
ORDER BY scope_id, valid_from`;
const TERMS = `SELECT scope_id, ${TERMS_FIGURES} FROM ledger.terms WHERE scope_id = ANY ($1)
ORDER BY scope_id, number`;
const SCOPES = 'SELECT id FROM ledger.scopes WHERE terms_rows > 0 AND id > $1 ORDER BY id LIMIT $2';

export async function checkDays(tx: Transaction, shownAtMost: number): Promise<CheckReport> {
  const differences: string[] = [];
  let rowsChecked = 0;
  for (let last = ''; ;) {
    const values = [last, SCOPES_AT_ONCE];
    const scopes = await tx.query<{ id: string }>({ name: 'audit-scopes-with-terms', text: SCOPES, values });
    const ids = scopes.map((scope) => scope.id);
    const terms = await tx.query<TermsOfScopeRow>({ name: 'audit-terms', text: TERMS, values: [ids] });
    const days = await tx.query<DayRow>({ name: 'audit-days', text: DAYS, values: [ids] });
    const ofScopes = new Map<string, DailyTerms[]>(ids.map((id) => [id, []]));
    for (const row of terms) ofScopes.get(row.scope_id)?.push(termsOf(row));
    rowsChecked += terms.length + days.length;
    for (const day of days) {
      const difference = differenceOf(day, ofScopes.get(day.scope_id) ?? []);
      if (difference !== undefined && differences.length < shownAtMost) differences.push(difference);
    }
    const end = ids.at(-1);
    if (end === undefined || ids.length < SCOPES_AT_ONCE) break;
    last = end;
  }
  const what = 'the lot of a day lives and was given what the terms of its scope say';
  return { invariant: 'available.equals-entries', what, rowsChecked, differences };
}

/** At its last millisecond every change that concerned the day had been made. */
function differenceOf(day: DayRow, terms: readonly DailyTerms[]): string | undefined {
  const [start, end] = [instantOfDate(day.valid_from), instantOfDate(day.expires_at)];
  const said = dailyPeriodAt(terms, instant(end - 1));
  if (said?.start === start && said.end === end && said.grantedNow === day.granted) return undefined;
  const lot = { start, end, granted: day.granted };
  const told = said === undefined ? 'none' : wordsOf(said);
  return `lot ${day.id} of ${day.scope_id}: ${inWords(lot)}; the terms say ${told}`;
}

function wordsOf({ start, end, grantedNow }: DailyPeriod): string {
  return inWords({ start, end, granted: grantedNow });
}

function inWords({ start, end, granted }: { start: Instant; end: Instant; granted: bigint }): string {
  return `${granted} from ${instantToText(start)} to ${instantToText(end)}`;
}
