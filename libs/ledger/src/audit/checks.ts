// Ledger room. What the auditor recomputes, each figure from the entries alone. A check says how many rows it looked
// at and shows the rows that differ; it never repairs.
import { isDueLot } from '../rows/day-lots.js';

export interface AuditCheck {
  /** The invariant it proves, by its name in the domain's README. */
  readonly invariant: string;
  readonly what: string;
  /** One row with `checked`. */
  readonly count: string;
  /** The rows that differ, as one text column `difference`. */
  readonly broken: string;
}

const ENTRIES = 'SELECT count(*) AS checked FROM ledger.entries';
const LOTS = 'SELECT count(*) AS checked FROM ledger.lots';
const JOBS = 'SELECT count(*) AS checked FROM ledger.jobs';

/** What entries say a side of a lot must be: all that came in minus all that went out. */
const LOT_FROM_ENTRIES = `
WITH moved AS (
  SELECT lot_id,
    sum(CASE WHEN to_account = 'lot:' || lot_id || ':open' THEN amount ELSE 0 END)
      - sum(CASE WHEN from_account = 'lot:' || lot_id || ':open' THEN amount ELSE 0 END) AS open,
    sum(CASE WHEN to_account = 'lot:' || lot_id || ':held' THEN amount ELSE 0 END)
      - sum(CASE WHEN from_account = 'lot:' || lot_id || ':held' THEN amount ELSE 0 END) AS held,
    sum(CASE WHEN from_account LIKE 'issued:%' THEN amount ELSE 0 END) AS issued
  FROM ledger.entries WHERE lot_id IS NOT NULL GROUP BY lot_id)`;

export const AUDIT_CHECKS: readonly AuditCheck[] = [
  {
    invariant: 'available.equals-entries',
    what: 'open, held and granted of every lot follow from its entries',
    count: LOTS,
    broken: `${LOT_FROM_ENTRIES}
      SELECT format('lot %s: open %s held %s granted %s, entries say %s, %s, %s', l.id, l.open, l.held, l.granted,
        m.open, m.held, g.amount) AS difference
      FROM ledger.lots l LEFT JOIN moved m ON m.lot_id = l.id
      -- What a lot was opened with is its first entry: later refunds to it are no grants, nor is anything issued then,
      -- but to the lot of a day, which grows with its terms, and to one that was posted to grow, by what was posted. A
      -- refund opens its lot with an entry for each step.
      LEFT JOIN ledger.entries o ON o.scope_id = l.scope_id AND o.scope_seq = l.opened_seq AND o.lot_id = l.id
        AND o.to_account = 'lot:' || l.id || ':open'
      CROSS JOIN LATERAL (SELECT CASE WHEN ${isDueLot('l.id')} THEN m.issued
        WHEN o.from_account LIKE 'issued:%' AND m.issued = o.amount THEN o.amount
        WHEN o.from_account LIKE 'issued:%' THEN o.amount + (SELECT coalesce(sum((p.body ->> 'amount')::bigint), 0)
          FROM ledger.operations p WHERE p.verb = 'lot.grow' AND p.result ->> 'lotId' = l.id AND p.key IN (
            SELECT operation_key FROM ledger.entries WHERE lot_id = l.id AND from_account LIKE 'issued:%'))
        ELSE (SELECT sum(e.amount) FROM ledger.entries e WHERE e.lot_id = l.id AND e.scope_id = o.scope_id
          AND e.operation_key = o.operation_key AND e.to_account = o.to_account) END AS amount) g
      WHERE (l.open, l.held, l.granted, m.issued) IS DISTINCT FROM (m.open, m.held, g.amount,
        CASE WHEN o.from_account LIKE 'issued:%' THEN g.amount ELSE 0 END)`,
  },
  {
    invariant: 'lot.never-negative',
    what: 'the figures an entry left behind are the running sums of its lot, never below nothing',
    count: 'SELECT count(*) AS checked FROM ledger.entries WHERE lot_id IS NOT NULL',
    broken: `
      SELECT format('entry %s of %s: left %s and %s, sums say %s and %s', scope_seq, scope_id, lot_open_after,
        lot_held_after, open, held) AS difference
      FROM (SELECT e.*,
          sum(CASE WHEN to_account = 'lot:' || lot_id || ':open' THEN amount
            WHEN from_account = 'lot:' || lot_id || ':open' THEN -amount ELSE 0 END) OVER running AS open,
          sum(CASE WHEN to_account = 'lot:' || lot_id || ':held' THEN amount
            WHEN from_account = 'lot:' || lot_id || ':held' THEN -amount ELSE 0 END) OVER running AS held
        FROM ledger.entries e WHERE lot_id IS NOT NULL
        WINDOW running AS (PARTITION BY lot_id ORDER BY scope_seq)) e
      WHERE (lot_open_after, lot_held_after) IS DISTINCT FROM (open, held) OR open < 0 OR held < 0`,
  },
  {
    invariant: 'ledger.sum-zero',
    what: 'all accounts together hold nothing: what was issued lies in lots or went out of them',
    count: ENTRIES,
    // What lies in the lots is read off the lots, and what moved off the entries: neither says it of itself.
    broken: `
      SELECT format('scope %s: issued %s, elsewhere %s', scope_id, issued, elsewhere) AS difference
      FROM (SELECT s.id AS scope_id, coalesce(e.issued, 0) AS issued, l.lies + coalesce(e.went_out, 0) AS elsewhere
        FROM ledger.scopes s
        LEFT JOIN (SELECT scope_id,
            sum(CASE WHEN from_account LIKE 'issued:%' THEN amount ELSE 0 END) AS issued,
            sum(CASE WHEN from_account LIKE 'lot:%' AND to_account NOT LIKE 'lot:%' THEN amount
              WHEN from_account NOT LIKE 'lot:%' AND from_account NOT LIKE 'issued:%' AND to_account LIKE 'lot:%'
                THEN -amount
              ELSE 0 END) AS went_out
          FROM ledger.entries GROUP BY scope_id) e ON e.scope_id = s.id
        CROSS JOIN LATERAL (SELECT coalesce(sum(open + held), 0) AS lies FROM ledger.lots WHERE scope_id = s.id) l) s
      WHERE issued <> elsewhere`,
  },
  {
    invariant: 'operation.applied-once',
    what: 'entries and events of a scope are numbered without gaps, as many as the scope counts',
    count: 'SELECT (SELECT count(*) FROM ledger.scopes) + (SELECT count(*) FROM ledger.outbox) AS checked',
    broken: `
      SELECT format('scope %s: counts %s entries and %s events, has %s up to %s and %s up to %s', s.id, s.entry_seq,
        s.outbox_seq, e.n, e.top, o.n, o.top) AS difference
      FROM ledger.scopes s
      CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(max(scope_seq), 0) AS top FROM ledger.entries
        WHERE scope_id = s.id) e
      CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(max(scope_seq), 0) AS top FROM ledger.outbox
        WHERE scope_id = s.id) o
      WHERE s.entry_seq <> e.n OR e.n <> e.top OR s.outbox_seq <> o.n OR o.n <> o.top`,
  },
  {
    invariant: 'scope.time-never-back',
    what: 'the effective time of a scope never runs back, and an entry has the time of its operation',
    count: ENTRIES,
    broken: `
      SELECT format('entry %s of %s at %s, before it %s, its operation %s', scope_seq, scope_id, effective_at, before,
        operation_at) AS difference
      FROM (SELECT e.*, o.effective_at AS operation_at,
          lag(e.effective_at) OVER (PARTITION BY e.scope_id ORDER BY e.scope_seq) AS before
        FROM ledger.entries e JOIN ledger.operations o ON o.key = e.operation_key) e
      WHERE before > effective_at OR operation_at <> effective_at`,
  },
  {
    invariant: 'hold.captured-at-most-held',
    what: 'what holds set aside on a lot is what the lot holds, and what they captured was consumed',
    count: 'SELECT count(*) AS checked FROM ledger.hold_lines',
    broken: `
      SELECT format('lot %s: holds %s, lines say %s', l.id, l.held, coalesce(sum(x.held), 0)) AS difference
      FROM ledger.lots l LEFT JOIN ledger.hold_lines x ON x.lot_id = l.id
      GROUP BY l.id, l.held HAVING l.held <> coalesce(sum(x.held), 0)
      UNION ALL
      SELECT format('line %s of hold %s: captured %s, entries say %s', x.line_no, x.hold_id, x.captured,
        coalesce(c.amount, 0))
      FROM ledger.hold_lines x JOIN ledger.holds h ON h.id = x.hold_id
      LEFT JOIN (SELECT e.job_id, e.lot_id, e.scope_id, sum(e.amount) AS amount FROM ledger.entries e
        WHERE e.job_id IS NOT NULL AND e.lot_id IS NOT NULL AND e.to_account = 'consumed:' || e.scope_id
        GROUP BY e.job_id, e.lot_id, e.scope_id) c
        ON c.job_id = h.job_id AND c.lot_id = x.lot_id AND c.scope_id = h.scope_id
      WHERE x.captured <> coalesce(c.amount, 0)`,
  },
  {
    invariant: 'hold.ends-once',
    what: 'an ended job holds nothing, an open one has an open hold, and both say the same amount',
    count: JOBS,
    broken: `
      SELECT format('job %s (%s): holds %s, its hold is %s with %s', j.id, j.state, j.held, h.state, x.held)
        AS difference
      FROM ledger.jobs j LEFT JOIN ledger.holds h ON h.job_id = j.id
      CROSS JOIN LATERAL (SELECT coalesce(sum(held), 0) AS held FROM ledger.hold_lines WHERE hold_id = h.id) x
      WHERE h.id IS NULL OR j.held <> x.held OR (j.ended_at IS NULL) <> (h.state = 'held')`,
  },
  {
    invariant: 'refund.at-most-charged',
    what: 'the charge of a job is its steps and its minimum line, is in the entries, and is within its budget',
    count: JOBS,
    broken: `
      SELECT format('job %s: charge %s of at most %s, refunded %s; steps and minimum %s, entries %s; written off %s, '
        || 'entries %s', j.id, j.charge, j.max_credits, j.refunded, s.charge + j.minimum_charge, e.paid, j.written_off,
        e.written_off) AS difference
      FROM ledger.jobs j
      CROSS JOIN LATERAL (SELECT coalesce(sum(charge), 0) AS charge FROM ledger.steps WHERE job_id = j.id) s
      CROSS JOIN LATERAL (SELECT coalesce(sum(amount) FILTER (WHERE lot_id IS NOT NULL), 0) AS paid,
          coalesce(sum(amount) FILTER (WHERE from_account = 'written_off'), 0) AS written_off
        FROM ledger.entries WHERE job_id = j.id AND to_account = 'consumed:' || j.scope_id) e
      WHERE j.charge <> s.charge + j.minimum_charge OR j.charge <> e.paid OR j.written_off <> e.written_off
        OR j.charge > j.max_credits OR j.refunded > j.charge`,
  },
  {
    invariant: 'job.no-provider-call-without-hold',
    what: 'every attempt was begun by an operation of its job, and a charged step has one billable attempt',
    count: 'SELECT count(*) AS checked FROM ledger.attempts',
    broken: `
      SELECT format('attempt %s of step %s of job %s was never begun', a.number, a.ordinal, a.job_id) AS difference
      FROM ledger.attempts a
      -- The step is in the key; the call of a bot with an agent of its own is keyed by itself and answers the step.
      LEFT JOIN (SELECT split_part(key, ':', 1) AS job_id,
          CASE WHEN result ->> 'ordinal' IS NULL THEN split_part(key, ':', 2)::int
            ELSE (result ->> 'ordinal')::int END AS ordinal,
          (result ->> 'attempt')::int AS number FROM ledger.operations WHERE verb = 'step.begin') o
        ON o.job_id = a.job_id AND o.ordinal = a.ordinal AND o.number = a.number
      WHERE o.number IS NULL
      UNION ALL
      SELECT format('step %s of job %s is charged %s with %s billable attempts', s.ordinal, s.job_id, s.charge,
        count(a.number))
      FROM ledger.steps s LEFT JOIN ledger.attempts a
        ON a.job_id = s.job_id AND a.ordinal = s.ordinal AND a.charge_class = 'billable'
      GROUP BY s.job_id, s.ordinal, s.charge, s.charge_class
      HAVING (s.charge_class = 'billable') IS DISTINCT FROM (count(a.number) = 1)
        AND NOT (s.charge_class IS NULL AND count(a.number) = 0)`,
  },
  {
    invariant: 'ledger.sum-zero',
    what: 'what a payer owes is what was taken back after it was spent, minus what was paid since',
    count: 'SELECT count(*) AS checked FROM ledger.scopes',
    broken: `
      SELECT format('scope %s: debt %s, entries say %s', s.id, s.debt, e.debt) AS difference
      FROM ledger.scopes s CROSS JOIN LATERAL (SELECT
          coalesce(sum(amount) FILTER (WHERE from_account = 'debt:' || s.id), 0)
            - coalesce(sum(amount) FILTER (WHERE to_account = 'debt:' || s.id), 0) AS debt
        FROM ledger.entries WHERE scope_id = s.id) e
      WHERE s.debt <> e.debt`,
  },
  {
    invariant: 'hold.captured-at-most-held',
    what: 'counters hold and have used what the holds say, and nothing was given back that was not captured',
    count: 'SELECT count(*) AS checked FROM ledger.counters',
    broken: `
      SELECT format('counter %s: used %s held %s, holds say %s and %s', c.id, c.used, c.held, coalesce(sum(h.used), 0),
        coalesce(sum(h.held), 0)) AS difference
      FROM ledger.counters c LEFT JOIN ledger.hold_counters h ON h.counter_id = c.id
      GROUP BY c.id, c.used, c.held
      HAVING c.used <> coalesce(sum(h.used), 0) OR c.held <> coalesce(sum(h.held), 0)`,
  },
  {
    invariant: 'refund.at-most-charged',
    what: 'what a job was given back is in its entries and on its lines',
    count: JOBS,
    broken: `
      SELECT format('job %s: refunded %s, entries %s, lines %s', j.id, j.refunded, e.amount, x.reversed) AS difference
      FROM ledger.jobs j LEFT JOIN ledger.holds h ON h.job_id = j.id
      CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount FROM ledger.entries
        WHERE job_id = j.id AND from_account = 'consumed:' || j.scope_id) e
      CROSS JOIN LATERAL (SELECT coalesce(sum(reversed), 0) AS reversed FROM ledger.hold_lines
        WHERE hold_id = h.id) x
      WHERE j.refunded <> e.amount OR j.refunded <> x.reversed`,
  },
  {
    invariant: 'available.equals-entries',
    what: 'a scope has as many terms and limits as it counts, and what it opened last by itself is its newest such lot',
    count: 'SELECT count(*) AS checked FROM ledger.scopes',
    broken: `
      SELECT format('scope %s: counts %s terms and %s limits, has %s and %s; day opened %s, newest %s', s.id,
        s.terms_rows, s.limit_rows, t.n, l.n, s.day_opened, d.newest) AS difference
      FROM ledger.scopes s
      CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM ledger.terms
        WHERE scope_id = s.id) t
      CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM ledger.limits
        WHERE scope_id = s.id) l
      CROSS JOIN LATERAL (SELECT max(valid_from) AS newest FROM ledger.lots
        WHERE scope_id = s.id AND ${isDueLot('id')}) d
      WHERE s.terms_rows <> t.n OR s.limit_rows <> l.n OR t.n <> t.top OR l.n <> l.top
        OR s.day_opened IS DISTINCT FROM d.newest`,
  },
  {
    invariant: 'hold.ends-once',
    what: 'a scope counts the jobs that have not ended',
    count: 'SELECT count(*) AS checked FROM ledger.scopes',
    broken: `
      SELECT format('scope %s: counts %s open jobs and %s of visitors, has %s and %s', s.id, s.open_jobs,
        s.visitor_jobs, coalesce(j.open, 0), coalesce(j.of_visitors, 0)) AS difference
      FROM ledger.scopes s
      LEFT JOIN (SELECT scope_id, count(*) AS open, count(*) FILTER (WHERE requester_kind = 'visitor') AS of_visitors
        FROM ledger.jobs WHERE ended_at IS NULL GROUP BY scope_id) j ON j.scope_id = s.id
      WHERE (s.open_jobs, s.visitor_jobs) <> (coalesce(j.open, 0), coalesce(j.of_visitors, 0))`,
  },
];
