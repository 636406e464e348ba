// Records room. Grants of credits: who of the staff asked for them and why, who decided, and the lot they became.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Grants1763700000044 implements MigrationInterface {
  readonly name = 'Grants1763700000044';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(FOR_STAFF);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A contribution is rewarded once, whoever is named for it, in capitals or not; what was rejected counts for none.
const TABLE = `
CREATE TABLE records.grants (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  kind text NOT NULL CHECK (kind IN ('admin', 'promo', 'community', 'compensation')),
  credits bigint NOT NULL CHECK (credits > 0),
  expires_at timestamptz(3),
  earning_rule text,
  contribution_reference text,
  reason_ref text NOT NULL,
  state text NOT NULL DEFAULT 'requested'
    CHECK (state IN ('requested', 'approved', 'rejected', 'posted', 'notified')),
  asked_by text NOT NULL,
  asked_role text NOT NULL CHECK (asked_role IN ('support', 'admin')),
  decided_by text CHECK (decided_by <> asked_by OR state = 'rejected'),
  decided_at timestamptz(3),
  lot_id text,
  key_hash text NOT NULL UNIQUE,
  body_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK ((kind = 'community') = (earning_rule IS NOT NULL)),
  CHECK ((kind = 'community') = (contribution_reference IS NOT NULL)),
  CHECK ((lot_id IS NOT NULL) = (state IN ('posted', 'notified')))
);
CREATE UNIQUE INDEX grants_of_contribution ON records.grants (lower(contribution_reference))
  WHERE state <> 'rejected';
CREATE INDEX grants_of_account ON records.grants (account_id, id);
CREATE INDEX grants_by_state ON records.grants (state, id) WHERE state IN ('requested', 'approved', 'posted');
`;

// Staff see the grants of all accounts, which no tenant does: by this one door, which shows grants and nothing else.
const FOR_STAFF = `
CREATE FUNCTION records.grants_for_staff(the_id text, the_state text, the_last text, the_most integer)
RETURNS TABLE (id text, account_id text, kind text, credits bigint, expires_at timestamptz, earning_rule text,
  contribution_reference text, reason text, state text, asked_by text, asked_role text, decided_by text,
  decided_at timestamptz, lot_id text, body_hash text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT g.id, g.account_id, g.kind, g.credits, g.expires_at, g.earning_rule, g.contribution_reference, t.body,
    g.state, g.asked_by, g.asked_role, g.decided_by, g.decided_at, g.lot_id, g.body_hash, g.created_at
  FROM records.grants g LEFT JOIN records.texts t ON t.id = g.reason_ref
  WHERE (the_id IS NULL OR g.id = the_id) AND (the_state IS NULL OR g.state = the_state)
    AND (the_last IS NULL OR g.id < the_last)
  ORDER BY g.id DESC LIMIT the_most
$$;
REVOKE ALL ON FUNCTION records.grants_for_staff FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.grants_for_staff TO fm_reader;
`;

// Asked for in the account's own transaction by somebody who is not of that account; all that follows is the writer's.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.grants TO fm_writer;
GRANT SELECT, INSERT ON records.grants TO fm_reader;
ALTER TABLE records.grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.grants FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.grants TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.grants FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY no_visitor ON records.grants AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (current_setting('fm.subject', true) NOT LIKE 'vis\\_%');
CREATE POLICY asked_by_staff ON records.grants FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true)
    AND 'staff/' || asked_by = current_setting('fm.subject', true)
    AND state = 'requested' AND lot_id IS NULL AND decided_by IS NULL
    AND NOT EXISTS (SELECT FROM records.memberships m
      WHERE m.account_id = grants.account_id AND m.user_id = grants.asked_by AND m.removed_at IS NULL));
`;
