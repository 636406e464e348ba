// Domain room, calendar. The operation that changes a scope's zone or daily allowance: a row is appended, today's lot
// follows it at once, and nothing that was announced comes earlier.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { formatCredits, formatMicroCredits, MOST_OF_A_SCOPE } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { JobPosting } from '../jobs/facts.js';
import { scopePosting } from '../jobs/facts.js';
import { Book } from '../ledger/book.js';
import type { ScopeSnapshot } from '../ledger/scope.js';
import type { DailyTerms } from './daily-period.js';
import { changeTerms, dailyPeriodAt, firstTerms } from './daily-terms.js';
import type { Instant } from './instant.js';
import { instantToText } from './instant.js';
import { zoneName } from './zone.js';

export interface TermsGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
}

/** What is left out stays as it is; the first terms of a scope name a zone. */
export interface TermsOrder {
  readonly zone?: string;
  readonly dailyAllowance?: MicroCredits;
}

export interface TermsResult {
  readonly number: number;
  readonly zone: string;
  readonly dailyAllowance: string;
  readonly nextResetAt: string;
}

export function setTerms({ snapshot, at }: TermsGround, order: TermsOrder): Outcome<JobPosting<TermsResult>> {
  const { dailyAllowance } = order;
  if (dailyAllowance !== undefined && (dailyAllowance < 0n || dailyAllowance > MOST_OF_A_SCOPE)) {
    return refuse({ code: 'amount_out_of_range', field: 'daily_allowance' });
  }
  const { rows } = snapshot.terms;
  const zone = zoneName(order.zone ?? rows.at(-1)?.zone ?? '');
  if (!zone.ok) return zone;
  const change = { zone: zone.value, ...(dailyAllowance === undefined ? {} : { dailyAllowance }) };
  const row = rows.length === 0 ? firstTerms({ dailyAllowance: NONE, ...change }, at) : changeTerms(rows, change, at);
  return accept(posting(snapshot, { row, at }));
}

const NONE = 0n as MicroCredits;

function posting(snapshot: ScopeSnapshot, { row, at }: { row: DailyTerms; at: Instant }): JobPosting<TermsResult> {
  const rows = [...snapshot.terms.rows, row];
  const day = dailyPeriodAt(rows, at) ?? null;
  const book = new Book({ ...snapshot, day }, at);
  const { number, zone, dailyAllowance } = row;
  const nextResetAt = instantToText(day?.end ?? row.nextResetAt);
  return scopePosting({
    result: { number, zone, dailyAllowance: formatMicroCredits(dailyAllowance), nextResetAt },
    changes: book.changes({ rows: [row], limits: [] }),
    events: [
      {
        type: 'terms.changed',
        job_id: null,
        time_zone: zone,
        daily_allowance: formatCredits(dailyAllowance),
        next_reset_at: nextResetAt,
        available: formatCredits(book.availableToAll),
      },
    ],
  });
}
