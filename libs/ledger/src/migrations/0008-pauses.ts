// Ledger room. Jobs that wait for credits, and how far each consumer of the outbox has come in each scope.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Pauses1763700000013 implements MigrationInterface {
  readonly name = 'Pauses1763700000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WAITING);
    await runner.query(CURSORS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// The index names a column that only pauses change: jobs that never wait are updated in place, as before.
const WAITING = `
ALTER TABLE ledger.jobs ADD COLUMN waiting jsonb,
  ADD CONSTRAINT jobs_waiting_says_why CHECK ((state = 'waiting_credits') = (waiting IS NOT NULL));
CREATE INDEX jobs_waiting ON ledger.jobs (scope_id) WHERE waiting IS NOT NULL;
`;

// No tenant ever reads it: how far a process of ours has come is nobody's business.
const CURSORS = `
CREATE TABLE ledger.outbox_cursors (
  consumer text NOT NULL CHECK (length(consumer) BETWEEN 1 AND 60),
  scope_id text NOT NULL,
  scope_seq bigint NOT NULL CHECK (scope_seq >= 0),
  moved_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, scope_id)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON ledger.outbox_cursors TO fm_writer;
ALTER TABLE ledger.outbox_cursors ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.outbox_cursors FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON ledger.outbox_cursors TO fm_writer, fm_owner USING (true) WITH CHECK (true);
`;
