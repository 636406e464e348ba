// Ledger room. The auditor's checks of what decides who may pay and for how long: kind, end and state of a lot, when it
// was drawn on, and what limits have counted.
import { isDayLot } from '../rows/day-lots.js';
import type { AuditCheck } from './checks.js';

export const LOT_CHECKS: readonly AuditCheck[] = [
  {
    invariant: 'available.equals-entries',
    what: 'a lot has the kind it was issued with and the end its grant named, and is taken back where that was posted',
    count: 'SELECT count(*) AS checked FROM ledger.lots',
    broken: `
      SELECT format('lot %s: %s until %s, taken back %s; its opening says %s until %s, taken back %s', l.id, l.kind,
        l.expires_at, l.clawed_back, o.kind, o.expires_at, o.clawed_back) AS difference
      FROM ledger.lots l CROSS JOIN LATERAL (
        SELECT CASE WHEN e.from_account LIKE 'issued:%' THEN substr(e.from_account, 8) ELSE 'compensation' END AS kind,
          CASE WHEN p.verb = 'grant' AND p.body ? 'expiresAt' AND NOT ${isDayLot('l.id')}
            THEN timestamptz 'epoch' + (p.body ->> 'expiresAt')::bigint * interval '1 millisecond'
            ELSE l.expires_at END AS expires_at,
          EXISTS (SELECT FROM ledger.operations c WHERE c.key = l.scope_id || ':clawback:' || l.id) AS clawed_back
        FROM ledger.entries e JOIN ledger.operations p ON p.key = e.operation_key
        WHERE e.scope_id = l.scope_id AND e.scope_seq = l.opened_seq) o
      WHERE (l.kind, l.expires_at, l.clawed_back) IS DISTINCT FROM (o.kind, o.expires_at, o.clawed_back)`,
  },
  {
    invariant: 'available.equals-entries',
    what: 'credits were set aside on a lot only while it lived',
    count: `SELECT count(*) AS checked FROM ledger.entries WHERE to_account LIKE 'lot:%:held'`,
    broken: `
      SELECT format('entry %s of %s at %s: lot %s lives from %s to %s', e.scope_seq, e.scope_id, e.effective_at, l.id,
        l.valid_from, l.expires_at) AS difference
      FROM ledger.entries e JOIN ledger.lots l ON l.id = e.lot_id
      WHERE e.to_account LIKE 'lot:%:held' AND e.from_account LIKE 'lot:%:open'
        AND (e.effective_at < l.valid_from OR e.effective_at >= l.expires_at)`,
  },
  {
    invariant: 'hold.captured-at-most-held',
    what: 'no limit has counted more of a hold than it captured and kept, nor less where it counted from the start',
    count: 'SELECT count(*) AS checked FROM ledger.hold_counters',
    broken: `
      SELECT format('hold %s under %s|%s|%s: counted %s, captured and kept %s', c.hold_id, c.kind, c.subject, c.period,
        c.used, x.kept) AS difference
      FROM (SELECT p.hold_id, n.kind, n.subject, n.period, sum(p.used) AS used, min(n.scope_id) AS scope_id
        FROM ledger.hold_counters p JOIN ledger.counters n ON n.id = p.counter_id
        GROUP BY p.hold_id, n.kind, n.subject, n.period) c
      CROSS JOIN LATERAL (SELECT coalesce(sum(captured - reversed), 0) AS kept FROM ledger.hold_lines
        WHERE hold_id = c.hold_id) x
      -- Limits that were set before the hold was opened, and never touched since, have counted all of it: its own, or
      -- the one for everybody that its hold names beside it.
      CROSS JOIN LATERAL (SELECT NOT EXISTS (SELECT FROM ledger.limits m JOIN ledger.holds h ON h.id = c.hold_id
        JOIN ledger.jobs j ON j.id = h.job_id WHERE m.scope_id = c.scope_id AND m.kind = c.kind AND m.period = c.period
          AND m.effective_at >= j.created_at AND (m.subject = c.subject OR EXISTS (
            SELECT FROM jsonb_array_elements(h.limit_refs) r
            WHERE r ->> 'kind' = c.kind AND r ->> 'subject' = c.subject AND r ->> 'usual' = m.subject))) AS all_along) t
      WHERE c.used > x.kept OR (t.all_along AND c.used < x.kept)`,
  },
];
