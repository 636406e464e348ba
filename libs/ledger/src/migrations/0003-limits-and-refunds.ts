// Ledger room. What limits, refunds and taken-back purchases need: counters, debt, and who pays a hold.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LimitsAndRefunds1763700000005 implements MigrationInterface {
  readonly name = 'LimitsAndRefunds1763700000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
    await runner.query(COUNTERS);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const COLUMNS = `
ALTER TABLE ledger.scopes ADD COLUMN debt bigint NOT NULL DEFAULT 0 CHECK (debt >= 0);
ALTER TABLE ledger.lots ADD COLUMN clawed_back boolean NOT NULL DEFAULT false;
ALTER TABLE ledger.holds ADD COLUMN funding text NOT NULL DEFAULT 'owner',
  ADD COLUMN public_may_use_bonus boolean NOT NULL DEFAULT false;
ALTER TABLE ledger.hold_lines ADD COLUMN reversed bigint NOT NULL DEFAULT 0
  CHECK (reversed >= 0 AND reversed <= captured);
ALTER TABLE ledger.operations ADD COLUMN body jsonb NOT NULL DEFAULT '{}';
`;

const COUNTERS = `
CREATE TABLE ledger.counters (
  id text PRIMARY KEY,
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  account_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('free_reserve', 'training', 'campaign', 'member', 'key', 'spend', 'bot',
    'visitor')),
  subject text NOT NULL,
  period_start timestamptz(3) NOT NULL,
  used bigint NOT NULL CHECK (used >= 0),
  held bigint NOT NULL CHECK (held >= 0)
) WITH (fillfactor = 50);
CREATE INDEX counters_of_scope ON ledger.counters (scope_id, kind, subject, period_start);

CREATE TABLE ledger.hold_counters (
  hold_id text NOT NULL REFERENCES ledger.holds (id),
  counter_id text NOT NULL REFERENCES ledger.counters (id),
  account_id text NOT NULL,
  held bigint NOT NULL CHECK (held >= 0),
  used bigint NOT NULL CHECK (used >= 0),
  PRIMARY KEY (hold_id, counter_id)
) WITH (fillfactor = 50);
`;

const ACCESS = `
GRANT SELECT ON ledger.counters, ledger.hold_counters TO fm_writer, fm_reader;
GRANT INSERT, UPDATE ON ledger.counters, ledger.hold_counters TO fm_writer;
${['counters', 'hold_counters']
  .map(
    (table) => `
ALTER TABLE ledger.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON ledger.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON ledger.${table} FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));`,
  )
  .join('\n')}
`;
