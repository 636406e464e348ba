// Ledger room. Steps that are no model call: the tool that ran, what the step reported, what an attempt really cost us,
// and the loops that were found.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class StepsOfAnAgent1763700000011 implements MigrationInterface {
  readonly name = 'StepsOfAnAgent1763700000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
    await runner.query(SHARES_OF_BEFORE);
    await runner.query(LOOP_FINDINGS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const COLUMNS = `
ALTER TABLE ledger.jobs ADD COLUMN minimum_paid_from jsonb NOT NULL DEFAULT '[]';
ALTER TABLE ledger.steps ALTER COLUMN model DROP NOT NULL, ADD COLUMN tool text,
  ADD COLUMN paid_from jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN report jsonb NOT NULL DEFAULT '{}',
  ADD CONSTRAINT steps_ask_or_run CHECK ((model IS NULL) <> (tool IS NULL));
ALTER TABLE ledger.jobs ADD COLUMN program text;
UPDATE ledger.jobs SET program = CASE bot_type WHEN 'chat' THEN 'answer' ELSE 'review' END;
ALTER TABLE ledger.jobs ALTER COLUMN program SET NOT NULL;
ALTER TABLE ledger.attempts ADD COLUMN real_cost bigint NOT NULL DEFAULT 0 CHECK (real_cost >= 0);
`;

// What steps of before paid stands in the entries; refunds of before were of whole lots and stay with the hold's lines.
const SHARES = `shares AS (
  SELECT job_id, step_ordinal, jsonb_agg(jsonb_build_object('lotId', lot_id, 'amount', amount::text, 'reversed', '0')
    ORDER BY first_seq) AS paid_from
  FROM (SELECT job_id, step_ordinal, lot_id, sum(amount) AS amount, min(scope_seq) AS first_seq FROM ledger.entries
    WHERE to_account LIKE 'consumed:%' AND lot_id IS NOT NULL AND job_id IS NOT NULL
    GROUP BY job_id, step_ordinal, lot_id) paid GROUP BY job_id, step_ordinal)`;

const SHARES_OF_BEFORE = `
WITH ${SHARES} UPDATE ledger.steps s SET paid_from = p.paid_from FROM shares p
  WHERE p.job_id = s.job_id AND p.step_ordinal = s.ordinal;
WITH ${SHARES} UPDATE ledger.jobs j SET minimum_paid_from = p.paid_from FROM shares p
  WHERE p.job_id = j.id AND p.step_ordinal IS NULL;
`;

// Evidence: written once, never changed; what a person decides about it later is that person's own record.
const LOOP_FINDINGS = `
CREATE TABLE ledger.loop_findings (
  job_id text NOT NULL REFERENCES ledger.jobs (id),
  number integer NOT NULL CHECK (number > 0),
  scope_id text NOT NULL,
  account_id text NOT NULL,
  signal text NOT NULL,
  cause text NOT NULL CHECK (cause IN ('platform_fault', 'user_fault', 'unclear')),
  action text NOT NULL CHECK (action IN ('refunded', 'review', 'stopped', 'recorded')),
  found_at_step integer NOT NULL CHECK (found_at_step > 0),
  amount bigint NOT NULL CHECK (amount >= 0),
  evidence jsonb NOT NULL,
  found_at timestamptz(3) NOT NULL,
  PRIMARY KEY (job_id, number)
);
CREATE INDEX loop_refunds_of_scope ON ledger.loop_findings (scope_id, found_at) WHERE action = 'refunded';
CREATE TRIGGER loop_findings_append_only BEFORE UPDATE OR DELETE ON ledger.loop_findings
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
GRANT SELECT ON ledger.loop_findings TO fm_writer, fm_reader;
GRANT INSERT ON ledger.loop_findings TO fm_writer;
ALTER TABLE ledger.loop_findings ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.loop_findings FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON ledger.loop_findings TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON ledger.loop_findings FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
`;
