// Records room. Who changed what: appended in the transaction of the change itself, and never altered after.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Audit1763700000025 implements MigrationInterface {
  readonly name = 'Audit1763700000025';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(AUDIT);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Ids, settings and figures alone: words somebody wrote, the reason too, are texts, so that a person can be forgotten.
const AUDIT = `
CREATE TABLE records.audit (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  actor_role text NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  target_id text NOT NULL,
  reason_ref text,
  before jsonb,
  after jsonb,
  request_id text
);
CREATE INDEX audit_of_account ON records.audit (account_id, id);
CREATE FUNCTION records.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of %.% is refused: rows are only ever appended', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.audit
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change();
ALTER TABLE records.texts DROP CONSTRAINT texts_purpose_check;
ALTER TABLE records.texts ADD CONSTRAINT texts_purpose_check CHECK (purpose IN ('prompt', 'answer', 'reason'));
`;

// Whoever changes something through the API writes its own line of it, in its own tenant.
const ACCESS = `
GRANT SELECT, INSERT ON records.audit TO fm_writer, fm_reader;
ALTER TABLE records.audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.audit FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.audit TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.audit FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY own_line ON records.audit FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true));
CREATE POLICY own_reason ON records.texts FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true) AND subject = current_setting('fm.subject', true)
    AND purpose = 'reason');
`;
