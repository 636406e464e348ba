// Ledger room. Terms as rows of figures, limits as a history of their own, the day a scope has opened, and indexes that
// let a lot's figures change without an index being touched.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TermsAndDays1763700000006 implements MigrationInterface {
  readonly name = 'TermsAndDays1763700000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TERMS);
    await runner.query(LIMITS);
    await runner.query(LOTS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Nothing wrote terms before this version, so there is no row to carry over.
const TERMS = `
ALTER TABLE ledger.scopes ADD COLUMN terms_rows integer NOT NULL DEFAULT 0 CHECK (terms_rows >= 0),
  ADD COLUMN limit_rows integer NOT NULL DEFAULT 0 CHECK (limit_rows >= 0),
  ADD COLUMN day_opened timestamptz(3);
ALTER TABLE ledger.terms DROP COLUMN body,
  ADD COLUMN zone text NOT NULL CHECK (length(zone) BETWEEN 1 AND 64),
  ADD COLUMN daily_allowance bigint NOT NULL CHECK (daily_allowance >= 0),
  ADD COLUMN reset_not_before timestamptz(3) NOT NULL,
  ADD COLUMN next_reset_at timestamptz(3) NOT NULL CHECK (next_reset_at >= reset_not_before),
  ADD CHECK (reset_not_before > effective_at);
CREATE INDEX terms_in_time ON ledger.terms (scope_id, effective_at, number);
`;

const LIMITS = `
CREATE TABLE ledger.limits (
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  number integer NOT NULL CHECK (number > 0),
  account_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('free_reserve', 'training', 'campaign', 'member', 'key', 'spend', 'bot',
    'visitor')),
  subject text NOT NULL,
  period text NOT NULL CHECK (period IN ('day', 'billing_period', 'total')),
  amount bigint CHECK (amount >= 0),
  effective_at timestamptz(3) NOT NULL,
  operation_key text NOT NULL,
  PRIMARY KEY (scope_id, number)
);
CREATE INDEX limits_in_force ON ledger.limits (scope_id, kind, subject, period, number DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.limits
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
GRANT SELECT ON ledger.limits TO fm_writer, fm_reader;
GRANT INSERT ON ledger.limits TO fm_writer;
ALTER TABLE ledger.limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.limits FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON ledger.limits TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON ledger.limits FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));

ALTER TABLE ledger.holds ADD COLUMN limit_refs jsonb NOT NULL DEFAULT '[]';
ALTER TABLE ledger.counters ADD COLUMN period text;
UPDATE ledger.counters SET period = split_part(id, '|', -2);
ALTER TABLE ledger.counters ALTER COLUMN period SET NOT NULL,
  ADD CHECK (period IN ('day', 'billing_period', 'total'));
DROP INDEX ledger.counters_of_scope;
CREATE INDEX counters_in_time ON ledger.counters (scope_id, kind, subject, period, period_start DESC);
`;

// An index whose predicate names a figure makes every change of that figure write every index of the table anew. What
// the index needs to know is one bit that seldom changes.
const LOTS = `
ALTER TABLE ledger.lots ADD COLUMN alive boolean;
UPDATE ledger.lots SET alive = open > 0 OR held > 0;
ALTER TABLE ledger.lots ALTER COLUMN alive SET NOT NULL, ADD CHECK (alive = (open > 0 OR held > 0));
DROP INDEX ledger.lots_alive;
CREATE INDEX lots_alive ON ledger.lots (scope_id) WHERE alive;
CREATE INDEX lots_of_periods ON ledger.lots (scope_id, valid_from DESC)
  WHERE kind IN ('subscription', 'eu_allowance');
`;
