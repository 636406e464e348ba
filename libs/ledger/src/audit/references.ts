// Ledger room. The auditor's check of references: what the store proves under a scope's lock is not asked for by the
// database on every row (decision 0012), so it is asked for here, and that it lies in the same scope as well.
import type { AuditCheck } from './checks.js';

interface Reference {
  readonly from: string;
  /** The columns that point, and by their side those they point at. */
  readonly columns: Readonly<Record<string, string>>;
  readonly to: string;
}

const SCOPED: readonly Reference[] = [
  { from: 'operations', columns: { scope_id: 'id' }, to: 'scopes' },
  { from: 'entries', columns: { scope_id: 'id' }, to: 'scopes' },
  { from: 'entries', columns: { operation_key: 'key', scope_id: 'scope_id' }, to: 'operations' },
  { from: 'entries', columns: { lot_id: 'id', scope_id: 'scope_id' }, to: 'lots' },
  { from: 'outbox', columns: { scope_id: 'id' }, to: 'scopes' },
];

const HELD: readonly Reference[] = [
  { from: 'holds', columns: { scope_id: 'id' }, to: 'scopes' },
  { from: 'hold_lines', columns: { hold_id: 'id' }, to: 'holds' },
  { from: 'hold_lines', columns: { lot_id: 'id' }, to: 'lots' },
  { from: 'hold_counters', columns: { hold_id: 'id' }, to: 'holds' },
  { from: 'hold_counters', columns: { counter_id: 'id' }, to: 'counters' },
];

const OF_JOBS: readonly Reference[] = [
  { from: 'jobs', columns: { scope_id: 'id' }, to: 'scopes' },
  { from: 'steps', columns: { job_id: 'id' }, to: 'jobs' },
  { from: 'attempts', columns: { job_id: 'job_id', ordinal: 'ordinal' }, to: 'steps' },
];

export const REFERENCE_CHECKS: readonly AuditCheck[] = [
  check('operation.applied-once', 'entries and events lie in a scope, each entry with its operation and lot', SCOPED),
  check('hold.captured-at-most-held', 'lines and counters of holds lie on holds, lots and counters there are', HELD),
  check('job.no-provider-call-without-hold', 'jobs lie in a scope, steps in a job, attempts in a step', OF_JOBS),
];

function check(invariant: string, what: string, references: readonly Reference[]): AuditCheck {
  const tables = [...new Set(references.map(({ from }) => from))];
  return {
    invariant,
    what,
    count: `SELECT ${tables.map((table) => `(SELECT count(*) FROM ledger.${table})`).join(' + ')} AS checked`,
    broken: references.map(dangling).join(' UNION ALL '),
  };
}

/** A row that points nowhere: nothing in a column is no pointer. */
function dangling({ from, columns, to }: Reference): string {
  const pairs = Object.entries(columns);
  const isSet = pairs.map(([mine]) => `r.${mine} IS NOT NULL`).join(' AND ');
  const meets = pairs.map(([mine, theirs]) => `t.${theirs} = r.${mine}`).join(' AND ');
  const values = pairs.map(([mine]) => `r.${mine}`).join(', ');
  const shown = pairs.map(([mine]) => `${mine} %s`).join(', ');
  return `SELECT format('a row of ${from} points at no row of ${to}: ${shown}', ${values}) AS difference
    FROM ledger.${from} r WHERE ${isSet} AND NOT EXISTS (SELECT 1 FROM ledger.${to} t WHERE ${meets})`;
}
