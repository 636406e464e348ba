// Records room. Subscriptions as they stood after their last step, for whoever reads them without asking a workflow.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Subscriptions1763700000047 implements MigrationInterface {
  readonly name = 'Subscriptions1763700000047';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// `written` is the whole of it, as its workflow carries it; the other columns are what is asked for often. `steps`
// keeps a step that is late from writing over a later one.
const TABLE = `
CREATE TABLE records.subscriptions (
  subject_id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  bot_id text REFERENCES records.bots (id),
  visitor_id text,
  written jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('free', 'active', 'cancel_scheduled', 'past_due', 'suspended', 'ended')),
  plan_id text,
  plan_version integer,
  period_start timestamptz(3),
  period_end timestamptz(3),
  wake_at timestamptz(3),
  steps integer NOT NULL CHECK (steps > 0),
  changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (plan_id, plan_version) REFERENCES records.plans (id, version),
  CHECK ((bot_id IS NULL) = (visitor_id IS NULL)),
  CHECK ((plan_id IS NULL) = (state = 'ended')),
  CHECK ((plan_id IS NULL) = (plan_version IS NULL)),
  CHECK ((plan_id IS NULL) = (period_start IS NULL) AND (period_start IS NULL) = (period_end IS NULL))
);
CREATE INDEX subscriptions_of_account ON records.subscriptions (account_id, subject_id);
CREATE INDEX subscriptions_by_wake ON records.subscriptions (wake_at) WHERE wake_at IS NOT NULL;
`;

const VISITOR = `(SELECT current_setting('fm.subject', true))`;

const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.subscriptions TO fm_writer;
GRANT SELECT ON records.subscriptions TO fm_reader;
ALTER TABLE records.subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.subscriptions TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.subscriptions FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY visitors_own_use ON records.subscriptions AS RESTRICTIVE FOR SELECT TO fm_reader
  USING ((SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%') OR visitor_id = ${VISITOR});
`;
