// Records room. Custom plans: the account one was agreed with, and the requests that led to it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CustomPlans1763700000057 implements MigrationInterface {
  readonly name = 'CustomPlans1763700000057';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OF_ONE_ACCOUNT);
    await runner.query(TABLE);
    await runner.query(FOR_STAFF);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// What was agreed with one account is seen in that account alone, whoever forgets to ask for it.
const OF_ONE_ACCOUNT = `
ALTER TABLE records.plans
  ADD COLUMN account_id text REFERENCES records.accounts (id),
  ADD CHECK (account_id IS NULL OR (custom AND scope = 'account'));
ALTER TABLE records.plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.plans FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.plans TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY everybodys_or_own ON records.plans FOR SELECT TO fm_reader
  USING (account_id IS NULL OR account_id = (SELECT current_setting('fm.account', true)));
`;

// The owner's words stand in the texts, where they can be erased. The figures of an offer stay beside the request until
// they are a version of a plan; each offer has an id, so that whoever approves says which one.
const TABLE = `
CREATE TABLE records.custom_plan_requests (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  asked_by text NOT NULL,
  monthly_credits bigint NOT NULL CHECK (monthly_credits > 0),
  team_size integer CHECK (team_size > 0),
  model_needs_ref text NOT NULL,
  budget_minor bigint NOT NULL CHECK (budget_minor > 0),
  currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
  state text NOT NULL DEFAULT 'requested'
    CHECK (state IN ('requested', 'offered', 'published', 'declined', 'withdrawn')),
  offer_id text,
  offer jsonb,
  offered_by text,
  offered_role text CHECK (offered_role = 'admin'),
  decided_by text,
  decided_at timestamptz(3),
  decision_ref text,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK ((offer_id IS NULL) = (offer IS NULL) AND (offer IS NULL) = (offered_by IS NULL)),
  CHECK ((offered_by IS NULL) = (offered_role IS NULL)),
  CHECK (state NOT IN ('offered', 'published') OR offer IS NOT NULL),
  CHECK ((state IN ('published', 'declined')) = (decided_by IS NOT NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decision_ref IS NULL))
);
CREATE UNIQUE INDEX custom_plan_requests_open ON records.custom_plan_requests (account_id)
  WHERE state IN ('requested', 'offered');
CREATE INDEX custom_plan_requests_of_account ON records.custom_plan_requests (account_id, id);
`;

const FOR_STAFF = `
CREATE FUNCTION records.custom_plan_requests_for_staff(the_id text, the_state text, the_last text, the_most integer)
RETURNS TABLE (id text, account_id text, asked_by text, monthly_credits bigint, team_size integer, model_needs text,
  budget_minor bigint, currency text, state text, offer_id text, offer jsonb, offered_by text, offered_role text,
  decided_by text, decided_at timestamptz, decision text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT r.id, r.account_id, r.asked_by, r.monthly_credits, r.team_size, n.body, r.budget_minor, r.currency, r.state,
    r.offer_id, r.offer, r.offered_by, r.offered_role, r.decided_by, r.decided_at, d.body, r.created_at
  FROM records.custom_plan_requests r LEFT JOIN records.texts n ON n.id = r.model_needs_ref
  LEFT JOIN records.texts d ON d.id = r.decision_ref
  WHERE (SELECT records.is_staff_asking()) AND (the_id IS NULL OR r.id = the_id)
    AND (the_state IS NULL OR r.state = the_state) AND (the_last IS NULL OR r.id < the_last)
  ORDER BY r.id DESC LIMIT the_most
$$;
REVOKE ALL ON FUNCTION records.custom_plan_requests_for_staff FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.custom_plan_requests_for_staff TO fm_reader;
`;

// Asking, withdrawing and offering change nothing of what anybody pays: the API writes them in the account's own
// transaction. What ends a request for good is the writer's, under the row's lock.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.custom_plan_requests TO fm_writer;
GRANT SELECT, INSERT, UPDATE (state, offer_id, offer, offered_by, offered_role) ON records.custom_plan_requests
  TO fm_reader;
ALTER TABLE records.custom_plan_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.custom_plan_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.custom_plan_requests TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.custom_plan_requests FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY no_visitor ON records.custom_plan_requests AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (current_setting('fm.subject', true) NOT LIKE 'vis\\_%');
CREATE POLICY asked_by_owner ON records.custom_plan_requests FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true) AND asked_by = current_setting('fm.subject', true)
    AND state = 'requested' AND offer IS NULL AND decided_by IS NULL);
CREATE POLICY open_alone ON records.custom_plan_requests FOR UPDATE TO fm_reader
  USING (account_id = current_setting('fm.account', true) AND state IN ('requested', 'offered'))
  WITH CHECK (account_id = current_setting('fm.account', true)
    AND (state = 'withdrawn' AND current_setting('fm.subject', true) NOT LIKE 'staff/%'
      OR state = 'offered' AND 'staff/' || offered_by = current_setting('fm.subject', true)
        AND NOT EXISTS (SELECT FROM records.memberships m WHERE m.account_id = custom_plan_requests.account_id
          AND m.user_id = offered_by AND m.removed_at IS NULL)));
`;
