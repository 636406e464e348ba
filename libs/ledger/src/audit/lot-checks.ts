// Ledger room. The auditor's checks of what decides who may pay and for how long: kind, end and state of a lot, when it
// was drawn on, and what limits have counted.
import { isDueLot } from '../rows/day-lots.js';
import type { AuditCheck } from './checks.js';

export const LOT_CHECKS: readonly AuditCheck[] = [
  {
    invariant: 'available.equals-entries',
    what: 'a lot has the kind and period of its grant, ends as it or its early end said, and went back if posted',
    count: 'SELECT count(*) AS checked FROM ledger.lots',
    broken: `
      SELECT format('lot %s: %s until %s, granted until %s, of a period from %s, taken back %s; posted was %s until '
        || '%s, granted until %s, of a period from %s, taken back %s', l.id, l.kind, l.expires_at, l.granted_until,
        l.period_start, l.clawed_back, o.kind, w.expires_at, w.granted_until, o.period_start, w.clawed_back)
        AS difference
      FROM ledger.lots l CROSS JOIN LATERAL (
        SELECT CASE WHEN e.from_account LIKE 'issued:%' THEN substr(e.from_account, 8) ELSE 'compensation' END AS kind,
          CASE WHEN p.verb = 'grant' AND p.body ? 'expiresAt' AND NOT ${isDueLot('l.id')}
            THEN timestamptz 'epoch' + (p.body ->> 'expiresAt')::bigint * interval '1 millisecond'
            ELSE coalesce(l.granted_until, l.expires_at) END AS expires_at,
          -- A day's lot may be opened by the very grant that says of which period it is: not of that one.
          CASE WHEN NOT ${isDueLot('l.id')}
            THEN timestamptz 'epoch' + (p.body ->> 'periodStart')::bigint * interval '1 millisecond'
          END AS period_start,
          EXISTS (SELECT FROM ledger.operations c WHERE c.key = l.scope_id || ':clawback:' || l.id) AS clawed_back
        FROM ledger.entries e JOIN ledger.operations p ON p.key = e.operation_key
        WHERE e.scope_id = l.scope_id AND e.scope_seq = l.opened_seq) o
      -- Whichever of the two came first has ended it; the other one found it over.
      LEFT JOIN LATERAL (SELECT c.effective_at, c.result ->> 'takenBack' <> '0' AS taken_back FROM ledger.operations c
        WHERE c.result ->> 'lotId' = l.id AND c.key = ANY (ARRAY[l.scope_id || ':lot.end:' || l.kind || ':'
          || l.source_ref, l.scope_id || ':lot.take-back:' || l.kind || ':' || l.source_ref])
        UNION ALL SELECT c.effective_at, c.result -> 'inPlaceOf' ->> 'takenBack' <> '0' FROM ledger.lots n
          JOIN ledger.operations c ON c.key = n.scope_id || ':grant:' || n.kind || ':' || n.source_ref
          WHERE n.scope_id = l.scope_id AND n.kind = l.kind AND l.source_ref LIKE 'period/%'
            AND c.result -> 'inPlaceOf' ->> 'lotId' = l.id) x ON true
      CROSS JOIN LATERAL (SELECT coalesce(x.effective_at, o.expires_at) AS expires_at,
        CASE WHEN x.effective_at IS NOT NULL THEN o.expires_at END AS granted_until,
        o.clawed_back OR coalesce(x.taken_back, false) AS clawed_back) w
      WHERE (l.kind, l.expires_at, l.granted_until, l.period_start, l.clawed_back) IS DISTINCT FROM
        (o.kind, w.expires_at, w.granted_until, o.period_start, w.clawed_back)`,
  },
  {
    invariant: 'available.equals-entries',
    what: 'a lot knows how much of it ended unused',
    count: `SELECT count(*) AS checked FROM ledger.lots WHERE lapsed > 0`,
    broken: `
      SELECT format('lot %s: %s lapsed, its entries say %s', l.id, l.lapsed, coalesce(e.lapsed, 0)) AS difference
      FROM ledger.lots l LEFT JOIN (SELECT lot_id, sum(amount) AS lapsed FROM ledger.entries
        WHERE to_account = 'lapsed' GROUP BY lot_id) e ON e.lot_id = l.id
      WHERE l.lapsed <> coalesce(e.lapsed, 0)`,
  },
  {
    invariant: 'available.equals-entries',
    what: 'of the lots of a subscription that begin at one instant one is left; the others were ended or taken back',
    count: `SELECT count(*) AS checked FROM ledger.lots WHERE source_ref LIKE 'period/%'`,
    broken: `
      SELECT format('scope %s: %s lots of kind %s begin at %s', scope_id, count(*), kind, valid_from) AS difference
      FROM ledger.lots WHERE source_ref LIKE 'period/%' AND granted_until IS NULL AND NOT clawed_back
      GROUP BY scope_id, kind, valid_from HAVING count(*) > 1`,
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
        AND (e.effective_at < l.valid_from OR e.effective_at > l.expires_at
          -- At the very instant at which a lot was ended it may have been drawn on before that.
          OR e.effective_at = l.expires_at AND l.granted_until IS NULL)`,
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
