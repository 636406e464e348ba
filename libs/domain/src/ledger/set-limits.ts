// Domain room. The operation that sets, changes or takes away limits of a scope. What is held and used under them stays
// counted: a limit that is lowered below its use stops what would come on top, and takes nothing back (edge 75).
import { formatCredits, MAX_MICRO_CREDITS } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { JobPosting } from '../jobs/facts.js';
import { scopePosting } from '../jobs/facts.js';
import type { Instant } from '../time/instant.js';
import { Book } from './book.js';
import type { ScopeSnapshot } from './scope.js';
import type { LimitChange } from './terms.js';

/** An id, or nothing where the kind has one limit for the whole scope: it becomes part of a counter's key. */
const SUBJECT = /^[\w./-]{0,100}$/;

export interface LimitsGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
}

export interface LimitsResult {
  /** How many were set or taken away. */
  readonly changed: number;
}

export function setLimits(
  { snapshot, at }: LimitsGround,
  limits: readonly LimitChange[],
): Outcome<JobPosting<LimitsResult>> {
  const isOutOfRange = ({ amount }: LimitChange): boolean =>
    amount !== null && (amount < 0n || amount > MAX_MICRO_CREDITS);
  if (limits.length === 0 || limits.some(isOutOfRange)) return refuse({ code: 'amount_out_of_range', field: 'limits' });
  if (limits.some(({ subject }) => !SUBJECT.test(subject))) {
    return refuse({ code: 'amount_out_of_range', field: 'subject' });
  }
  const book = new Book(snapshot, at);
  return accept(
    scopePosting({
      result: { changed: limits.length },
      changes: book.changes({ rows: [], limits }),
      events: [
        {
          type: 'limits.changed',
          job_id: null,
          limits: limits.map(({ kind, subject, period, amount }) => ({
            kind,
            subject,
            period,
            amount: amount === null ? null : formatCredits(amount),
          })),
          available: formatCredits(book.availableToAll),
        },
      ],
    }),
  );
}
