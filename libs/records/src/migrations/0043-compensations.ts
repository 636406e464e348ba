// Records room. Compensations by staff, job by job; and incidents of a model or a region, written down by staff.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Compensations1763700000061 implements MigrationInterface {
  readonly name = 'Compensations1763700000061';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(INCIDENTS);
    await runner.query(TOUCHES);
    await runner.query(ACCESS);
    await runner.query(WALLS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A preview is a compensation that nobody has asked for yet: it has neither reason nor key. Of each job: which steps
// would come back, what that is, and what of it did; or why nothing does. Where nothing came of it, it was refused: its
// key is free again. What a correction may take, and of which lots, stands before it is posted; then what it took.
const TABLES = `
CREATE TABLE records.compensations (
  id text PRIMARY KEY,
  target jsonb NOT NULL,
  state text NOT NULL DEFAULT 'previewing'
    CHECK (state IN ('previewing', 'previewed', 'requested', 'approved', 'rejected', 'posted')),
  asked_by text NOT NULL,
  asked_role text NOT NULL CHECK (asked_role IN ('support', 'admin')),
  request_id text NOT NULL,
  reason_ref text,
  key_hash text UNIQUE,
  body_hash text,
  decide_until timestamptz(3),
  decided_by text CHECK (decided_by <> asked_by OR state = 'rejected'),
  decided_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz(3),
  previewed_up_to text,
  CHECK ((reason_ref IS NULL) = (body_hash IS NULL) AND (key_hash IS NULL OR reason_ref IS NOT NULL)),
  CHECK ((reason_ref IS NULL) = (key_hash IS NULL) OR state IN ('posted', 'rejected')),
  CHECK (state IN ('previewing', 'previewed') OR reason_ref IS NOT NULL),
  CHECK ((state IN ('posted', 'rejected')) = (ended_at IS NOT NULL))
);
CREATE INDEX compensations_by_state ON records.compensations (state, id) WHERE state IN ('requested', 'approved');
CREATE TABLE records.compensation_jobs (
  compensation_id text NOT NULL REFERENCES records.compensations (id),
  job_id text NOT NULL,
  account_id text NOT NULL,
  steps integer[] NOT NULL,
  foreseen bigint NOT NULL CHECK (foreseen >= 0),
  why text,
  posted bigint CHECK (posted >= 0),
  posted_at timestamptz(3),
  taken_back bigint NOT NULL DEFAULT 0 CHECK (taken_back >= 0 AND taken_back <= coalesce(posted, 0)),
  PRIMARY KEY (compensation_id, job_id),
  CHECK ((foreseen = 0) = (why IS NOT NULL)),
  CHECK ((posted IS NULL) = (posted_at IS NULL) AND (why IS NULL OR posted IS NULL))
);
CREATE TABLE records.compensation_corrections (
  id text PRIMARY KEY,
  compensation_id text NOT NULL,
  job_id text NOT NULL,
  most bigint NOT NULL CHECK (most >= 0),
  lots jsonb NOT NULL,
  taken bigint CHECK (taken >= 0 AND taken <= most),
  made_by text NOT NULL,
  body_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (compensation_id, job_id) REFERENCES records.compensation_jobs (compensation_id, job_id)
);
CREATE INDEX compensation_jobs_to_post ON records.compensation_jobs (compensation_id, job_id)
  WHERE posted IS NULL AND why IS NULL;
`;

const INCIDENTS = `
ALTER TABLE records.incidents DROP CONSTRAINT incidents_scope_check;
ALTER TABLE records.incidents ADD CONSTRAINT incidents_scope_check
  CHECK (scope IN ('provider', 'model', 'region', 'tool', 'all'));
ALTER TABLE records.incidents ADD COLUMN key_hash text UNIQUE, ADD COLUMN body_hash text;
GRANT UPDATE (description) ON records.incidents TO fm_writer;
GRANT SELECT, INSERT, UPDATE (ended_at, description) ON records.incidents TO fm_reader;
ALTER TABLE records.incidents ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.incidents FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.incidents TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY for_staff ON records.incidents TO fm_reader
  USING ((SELECT records.is_staff_asking())) WITH CHECK ((SELECT records.is_staff_asking()));
`;

// Nobody of the staff lets credits go to an account of their own. Memberships of all accounts are seen by no tenant.
const TOUCHES = `
CREATE FUNCTION records.compensation_touches(the_id text, the_user text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM records.memberships m
    JOIN records.compensation_jobs j ON j.account_id = m.account_id
    WHERE m.user_id = the_user AND m.removed_at IS NULL AND j.compensation_id = the_id AND j.why IS NULL)
$$;
REVOKE ALL ON FUNCTION records.compensation_touches FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.compensation_touches TO fm_reader;
GRANT EXECUTE ON FUNCTION records.is_staff_asking TO fm_reader;
`;

// No tenant sees them: what came back stands in the tenant's ledger and audit. Staff write what they ask for, in their
// own name and once; all that follows is the writer's.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.compensations, records.compensation_jobs TO fm_writer;
GRANT SELECT, INSERT, UPDATE (request_id, reason_ref, key_hash, body_hash) ON records.compensations TO fm_reader;
GRANT SELECT, INSERT, UPDATE (taken, lots) ON records.compensation_corrections TO fm_writer;
GRANT SELECT ON records.compensation_jobs, records.compensation_corrections TO fm_reader;
ALTER TABLE records.compensations ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.compensations FORCE ROW LEVEL SECURITY;
ALTER TABLE records.compensation_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.compensation_jobs FORCE ROW LEVEL SECURITY;
ALTER TABLE records.compensation_corrections ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.compensation_corrections FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.compensation_corrections TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY for_staff ON records.compensation_corrections FOR SELECT TO fm_reader
  USING ((SELECT records.is_staff_asking()));
CREATE POLICY all_tenants ON records.compensations TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY all_tenants ON records.compensation_jobs TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY for_staff ON records.compensations FOR SELECT TO fm_reader USING ((SELECT records.is_staff_asking()));
CREATE POLICY for_staff ON records.compensation_jobs FOR SELECT TO fm_reader
  USING ((SELECT records.is_staff_asking()));
CREATE POLICY asked_by_staff ON records.compensations FOR INSERT TO fm_reader
  WITH CHECK ((SELECT records.is_staff_asking()) AND 'staff/' || asked_by = current_setting('fm.subject', true)
    AND state = 'previewing' AND decided_by IS NULL);
CREATE POLICY asked_after_preview ON records.compensations FOR UPDATE TO fm_reader
  USING ((SELECT records.is_staff_asking()) AND 'staff/' || asked_by = current_setting('fm.subject', true)
    AND state = 'previewed' AND reason_ref IS NULL)
  WITH CHECK (state = 'previewed' AND reason_ref IS NOT NULL);
`;

// Only staff pass the doors above; the wall stands for the day when a door is left open.
const NO_VISITOR = `(SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')`;
const WALLS = ['compensations', 'compensation_jobs', 'compensation_corrections', 'incidents']
  .map(
    (table) => `CREATE POLICY visitors_nothing ON records.${table} AS RESTRICTIVE TO fm_reader USING (${NO_VISITOR});`,
  )
  .join('\n');
