// Records room. Purchases that are to be sent back and are too large for one person of the staff: who asked and why,
// and who decided.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PurchaseReversals1763700000053 implements MigrationInterface {
  readonly name = 'PurchaseReversals1763700000053';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(FOR_STAFF);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const TABLE = `
CREATE TABLE records.purchase_reversals (
  id text PRIMARY KEY,
  purchase_id text NOT NULL REFERENCES records.purchases (id),
  account_id text NOT NULL REFERENCES records.accounts (id),
  credits bigint NOT NULL CHECK (credits > 0),
  reason_ref text NOT NULL,
  state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'approved', 'rejected')),
  asked_by text NOT NULL,
  asked_role text NOT NULL CHECK (asked_role IN ('support', 'admin')),
  decide_until timestamptz(3) NOT NULL,
  decided_by text CHECK (decided_by <> asked_by OR state = 'rejected'),
  decided_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK ((state = 'requested') = (decided_at IS NULL)),
  CHECK (state <> 'approved' OR decided_by IS NOT NULL)
);
CREATE UNIQUE INDEX purchase_reversals_open ON records.purchase_reversals (purchase_id) WHERE state = 'requested';
CREATE INDEX purchase_reversals_of_account ON records.purchase_reversals (account_id, id);
`;

// Staff see those of all accounts, by this one door. What nobody decided in time is told as rejected: nothing has to
// happen for that.
const FOR_STAFF = `
CREATE FUNCTION records.reversals_for_staff(the_id text, the_state text, the_last text, the_most integer)
RETURNS TABLE (id text, purchase_id text, purchase_state text, account_id text, credits bigint, reason text, state text,
  asked_by text, asked_role text, decide_until timestamptz, decided_by text, decided_at timestamptz,
  created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT * FROM (
    SELECT r.id, r.purchase_id, p.state, r.account_id, r.credits, t.body,
      CASE WHEN r.state = 'requested' AND r.decide_until <= clock_timestamp() THEN 'rejected' ELSE r.state END AS told,
      r.asked_by, r.asked_role, r.decide_until, r.decided_by, r.decided_at, r.created_at
    FROM records.purchase_reversals r JOIN records.purchases p ON p.id = r.purchase_id
    LEFT JOIN records.texts t ON t.id = r.reason_ref
    WHERE (SELECT records.is_staff_asking()) AND (the_id IS NULL OR r.id = the_id)
  ) reversal
  WHERE (the_state IS NULL OR told = the_state) AND (the_last IS NULL OR reversal.id < the_last)
  ORDER BY reversal.id DESC LIMIT the_most
$$;
REVOKE ALL ON FUNCTION records.reversals_for_staff FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.reversals_for_staff TO fm_reader;
`;

// Asked for and approved under the purchase's lock, by the writer. To stop one moves no money: staff do it in the
// account's own transaction, and can write nothing else.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.purchase_reversals TO fm_writer;
GRANT SELECT, UPDATE (state, decided_by, decided_at) ON records.purchase_reversals TO fm_reader;
ALTER TABLE records.purchase_reversals ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.purchase_reversals FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.purchase_reversals TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.purchase_reversals FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY no_visitor ON records.purchase_reversals AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (current_setting('fm.subject', true) NOT LIKE 'vis\\_%');
CREATE POLICY stopped_by_staff ON records.purchase_reversals FOR UPDATE TO fm_reader
  USING (account_id = current_setting('fm.account', true) AND state = 'requested')
  WITH CHECK (account_id = current_setting('fm.account', true) AND state = 'rejected'
    AND 'staff/' || decided_by = current_setting('fm.subject', true));
`;
