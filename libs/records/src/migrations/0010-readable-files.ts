// Records room. Whoever may read a job may read what its files hold, and why they were not packed where they were not:
// their own tenant's, and nobody else's.
import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWN_TENANT = `FOR SELECT TO fm_reader USING (account_id = current_setting('fm.account', true))`;

// A content that is written again is young again, so that what frees old ones does not take it away.
const CONTENTS = `
GRANT SELECT ON records.workspace_blobs TO fm_reader;
GRANT UPDATE (created_at) ON records.workspace_blobs TO fm_writer;
CREATE INDEX workspace_trees_by_age ON records.workspace_trees (created_at);
CREATE POLICY own_tenant ON records.workspace_blobs ${OWN_TENANT};
`;

const UNPACKED = `
CREATE TABLE records.unpacked_jobs (
  job_id text PRIMARY KEY,
  account_id text NOT NULL,
  subject text NOT NULL,
  why jsonb NOT NULL CHECK (why ->> 'reason' IN ('over_plan', 'not_held')),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX unpacked_jobs_of_subject ON records.unpacked_jobs (account_id, subject);
GRANT SELECT, INSERT, DELETE ON records.unpacked_jobs TO fm_writer;
GRANT SELECT ON records.unpacked_jobs TO fm_reader;
ALTER TABLE records.unpacked_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.unpacked_jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.unpacked_jobs TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.unpacked_jobs ${OWN_TENANT};
`;

export class ReadableFiles1763700000022 implements MigrationInterface {
  readonly name = 'ReadableFiles1763700000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CONTENTS);
    await runner.query(UNPACKED);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
