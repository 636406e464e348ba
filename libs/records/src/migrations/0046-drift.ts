// Records room. Drift: what ledger, meters and workflows said differently of the same thing, when it was found, what
// was done about it and who closed it. And what each process says of itself, for whoever looks for alarms.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Drift1763700000066 implements MigrationInterface {
  readonly name = 'Drift1763700000066';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(MARKS);
    await runner.query(FOR_STAFF);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// What passes by itself is open once at a time; what is a fact of the past is found once for good, closed or not. An
// account's id is empty where nobody knows whose it is.
const TABLE = `
CREATE TABLE records.drift (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,60}$'),
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 400),
  account_id text NOT NULL,
  figures jsonb NOT NULL,
  done text NOT NULL DEFAULT 'listed' CHECK (done IN ('listed', 'settled', 'gone')),
  found_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz(3),
  resolved_by text,
  reason_ref text,
  CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)),
  CHECK (done = 'listed' OR resolved_at IS NOT NULL)
);
CREATE UNIQUE INDEX drift_open_once ON records.drift (kind, subject) WHERE resolved_at IS NULL;
CREATE UNIQUE INDEX drift_found_once ON records.drift (kind, subject)
  WHERE kind NOT IN ('workflow_without_job', 'attempt_open_too_long', 'workflow_tasks_stuck');
CREATE INDEX drift_open ON records.drift (id) WHERE resolved_at IS NULL;
`;

// How far a check that walks through time has come, and when the last pass ended.
const MARKS = `
CREATE TABLE records.reconcile_marks (
  name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 60),
  at timestamptz(3) NOT NULL
);
ALTER TABLE records.workers ADD COLUMN signs jsonb NOT NULL DEFAULT '{}', ADD COLUMN clock_ahead_ms integer;
`;

const COLUMNS = `id text, kind text, subject text, account_id text, figures jsonb, done text, found_at timestamptz,
  resolved_at timestamptz, resolved_by text, reason text`;

// Figures of all accounts are shown to whoever looks for alarms, rows to staff alone. Reviews have a table of their
// own, which an installation of before them has not.
const FOR_STAFF = `
CREATE FUNCTION records.drift_for_staff(the_id text, the_kind text, the_account text, is_open boolean, the_last text,
  the_most integer)
RETURNS TABLE (${COLUMNS})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT d.id, d.kind, d.subject, d.account_id, d.figures, d.done, d.found_at, d.resolved_at, d.resolved_by, t.body
  FROM records.drift d LEFT JOIN records.texts t ON t.id = d.reason_ref
  WHERE (SELECT records.is_staff_asking()) AND (the_id IS NULL OR d.id = the_id)
    AND (the_kind IS NULL OR d.kind = the_kind) AND (the_account IS NULL OR d.account_id = the_account)
    AND (is_open IS NULL OR (d.resolved_at IS NULL) = is_open) AND (the_last IS NULL OR d.id < the_last)
  ORDER BY d.id DESC LIMIT the_most
$$;
CREATE FUNCTION records.open_drift() RETURNS TABLE (kind text, count bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT d.kind, count(*), min(d.found_at) FROM records.drift d WHERE d.resolved_at IS NULL GROUP BY d.kind
$$;
CREATE FUNCTION records.overdue_reviews() RETURNS TABLE (count bigint, oldest timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF to_regclass('records.review_cases') IS NULL THEN
    RETURN QUERY SELECT 0::bigint, NULL::timestamptz;
  ELSE
    RETURN QUERY SELECT count(*), min(c.breached_at)::timestamptz FROM records.review_cases c
      WHERE c.closed_at IS NULL AND c.breached_at IS NOT NULL;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION records.drift_for_staff, records.open_drift, records.overdue_reviews FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.drift_for_staff, records.open_drift, records.overdue_reviews TO fm_reader;
`;

// Found and settled by the writer. Staff close what is open, in the account's own transaction and by their own name.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.drift, records.reconcile_marks TO fm_writer;
GRANT SELECT ON records.reconcile_marks TO fm_reader;
GRANT SELECT, UPDATE (resolved_at, resolved_by, reason_ref) ON records.drift TO fm_reader;
ALTER TABLE records.drift ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.drift FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.drift TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY visitors_nothing ON records.drift AS RESTRICTIVE TO fm_reader
  USING ((SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%'));
CREATE POLICY staff_of_tenant ON records.drift FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true) AND (SELECT records.is_staff_asking()));
CREATE POLICY closed_by_staff ON records.drift FOR UPDATE TO fm_reader
  USING (account_id = current_setting('fm.account', true) AND resolved_at IS NULL)
  WITH CHECK (account_id = current_setting('fm.account', true) AND resolved_at IS NOT NULL
    AND 'staff/' || resolved_by = current_setting('fm.subject', true));
GRANT EXECUTE ON FUNCTION records.is_staff_asking TO fm_reader;
`;
