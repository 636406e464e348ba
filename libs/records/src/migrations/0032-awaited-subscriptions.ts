// Records room. Whether the subscription of an account is still to be begun: an account comes with its first sign-in,
// in one statement, and its subscription right after, by a workflow that a crash may keep from being started.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AwaitedSubscriptions1763700000048 implements MigrationInterface {
  readonly name = 'AwaitedSubscriptions1763700000048';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [AWAITED, FIRST_SIGN_IN, BEGUN]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// People who signed up before there were subscriptions get theirs now. Accounts that nobody signed up for, such as one
// that was opened for a showing, go on without.
const AWAITED = `
ALTER TABLE records.accounts ADD COLUMN subscription text NOT NULL DEFAULT 'none'
  CHECK (subscription IN ('none', 'awaited', 'begun'));
UPDATE records.accounts a SET subscription = 'awaited'
WHERE a.status <> 'closed' AND a.plan_id = 'plan_free'
  AND EXISTS (SELECT 1 FROM records.memberships m WHERE m.account_id = a.id AND m.role = 'owner');
CREATE INDEX accounts_awaiting ON records.accounts (id) WHERE subscription = 'awaited';
`;

const FIRST_SIGN_IN = `
CREATE OR REPLACE FUNCTION records.sign_up(the_user text, the_issuer text, the_subject text, the_email text,
  the_name text, the_account text, the_account_name text, the_line text)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'on', true);
  INSERT INTO records.users (id, issuer, subject, email, name)
  VALUES (the_user, the_issuer, the_subject, the_email, the_name) ON CONFLICT (issuer, subject) DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  IF the_account IS NOT NULL THEN
    INSERT INTO records.accounts (id, name, status, time_zone, plan_id, subscription)
    VALUES (the_account, the_account_name, 'active', 'UTC', 'plan_free', 'awaited');
    INSERT INTO records.memberships (account_id, user_id, role) VALUES (the_account, the_user, 'owner');
    INSERT INTO records.audit (id, account_id, actor_role, actor_id, action, target_id, before, after)
    VALUES (the_line, the_account, 'owner', the_user, 'account.opened', the_account, NULL,
      '{"status": "active", "plan_id": "plan_free"}');
  END IF;
  RETURN true;
END $$;
`;

// Said before a tenant is known, right after the first sign-in, and of an account that is waited for alone.
const BEGUN = `
CREATE FUNCTION records.subscription_begun(the_account text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE records.accounts a SET subscription = 'begun' WHERE a.id = the_account AND a.subscription = 'awaited'
$$;
REVOKE ALL ON FUNCTION records.subscription_begun FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.subscription_begun TO fm_reader, fm_writer;
`;
