// Records room. People: who signed in, in which accounts they are, who was asked to join, and the sessions of the page.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class People1763700000026 implements MigrationInterface {
  readonly name = 'People1763700000026';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(DEFINER_FUNCTIONS);
    await runner.query(FIRST_SIGN_IN);
    await runner.query(CLOSED_FOR_GOOD);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// What names a person stands here alone, in rows that can be emptied. Everything else knows the id.
const TABLES = `
CREATE TABLE records.users (
  id text PRIMARY KEY,
  issuer text NOT NULL,
  subject text NOT NULL,
  email text,
  name text,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (issuer, subject)
);
CREATE TABLE records.memberships (
  account_id text NOT NULL REFERENCES records.accounts (id),
  user_id text NOT NULL REFERENCES records.users (id),
  role text NOT NULL CHECK (role IN ('owner', 'member')),
  joined_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  removed_at timestamptz(3),
  PRIMARY KEY (account_id, user_id)
);
CREATE INDEX memberships_of_user ON records.memberships (user_id) WHERE removed_at IS NULL;
CREATE TABLE records.invitations (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  email text,
  token_hash text NOT NULL UNIQUE,
  invited_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3)
);
CREATE INDEX invitations_of_account ON records.invitations (account_id) WHERE ended_at IS NULL;
CREATE TABLE records.sessions (
  id text PRIMARY KEY,
  token_hash text NOT NULL UNIQUE,
  user_id text NOT NULL REFERENCES records.users (id),
  staff_role text CHECK (staff_role IN ('support', 'admin')),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX sessions_of_user ON records.sessions (user_id);
`;

// Asked before a tenant is known: each answers what the door must know of one credential, and lists nobody.
const DEFINER_FUNCTIONS = `
CREATE FUNCTION records.person(the_user text)
RETURNS TABLE (user_id text, issuer text, subject text, email text, name text, accounts jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.issuer, u.subject, u.email, u.name, coalesce((
    SELECT jsonb_agg(jsonb_build_object('accountId', a.id, 'name', a.name, 'role', m.role, 'status', a.status)
      ORDER BY m.joined_at, a.id)
    FROM records.memberships m JOIN records.accounts a ON a.id = m.account_id
    WHERE m.user_id = u.id AND m.removed_at IS NULL), '[]')
  FROM records.users u WHERE u.id = the_user
$$;
CREATE FUNCTION records.find_person(the_issuer text, the_subject text)
RETURNS TABLE (user_id text, issuer text, subject text, email text, name text, accounts jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.* FROM records.users u, records.person(u.id) p WHERE u.issuer = the_issuer AND u.subject = the_subject
$$;
CREATE FUNCTION records.find_session(the_hash text)
RETURNS TABLE (user_id text, issuer text, subject text, email text, name text, accounts jsonb,
  session_id text, staff_role text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.*, s.id, s.staff_role, s.expires_at
  FROM records.sessions s, records.person(s.user_id) p WHERE s.token_hash = the_hash
$$;
CREATE FUNCTION records.open_session(the_id text, the_hash text, the_user text, the_role text, the_end timestamptz)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  DELETE FROM records.sessions s WHERE s.user_id = the_user AND s.expires_at < clock_timestamp();
  INSERT INTO records.sessions (id, token_hash, user_id, staff_role, expires_at)
  VALUES (the_id, the_hash, the_user, the_role, the_end)
$$;
CREATE FUNCTION records.end_session(the_hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  DELETE FROM records.sessions s WHERE s.token_hash = the_hash
$$;
CREATE FUNCTION records.note_person(the_user text, the_email text, the_name text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE records.users u SET email = coalesce(the_email, u.email), name = coalesce(the_name, u.name)
  WHERE u.id = the_user
$$;
CREATE FUNCTION records.find_invitation(the_hash text)
RETURNS TABLE (id text, account_id text, email text, expires_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT i.id, i.account_id, i.email, i.expires_at, i.ended_at FROM records.invitations i WHERE i.token_hash = the_hash
$$;
`;

// The unique pair of issuer and subject lets one of many simultaneous sign-ins make the account; the rest wait for it
// and find it. Staff are people without an account of their own.
const FIRST_SIGN_IN = `
CREATE FUNCTION records.sign_up(the_user text, the_issuer text, the_subject text, the_email text, the_name text,
  the_account text, the_account_name text, the_line text)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'on', true);
  INSERT INTO records.users (id, issuer, subject, email, name)
  VALUES (the_user, the_issuer, the_subject, the_email, the_name) ON CONFLICT (issuer, subject) DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  IF the_account IS NOT NULL THEN
    INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
    VALUES (the_account, the_account_name, 'active', 'UTC', 'plan_free');
    INSERT INTO records.memberships (account_id, user_id, role) VALUES (the_account, the_user, 'owner');
    INSERT INTO records.audit (id, account_id, actor_role, actor_id, action, target_id, before, after)
    VALUES (the_line, the_account, 'owner', the_user, 'account.opened', the_account, NULL,
      '{"status": "active", "plan_id": "plan_free"}');
  END IF;
  RETURN true;
END $$;
`;

// An owner may end an account and do nothing else to its status, whatever the API's own code should say one day.
const CLOSED_FOR_GOOD = `
CREATE FUNCTION records.guard_account_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'closed' THEN RAISE EXCEPTION 'account % is closed for good', OLD.id; END IF;
  IF NEW.status <> 'closed' AND current_user = 'fm_reader' THEN
    RAISE EXCEPTION 'an account is set to % by nobody through the API', NEW.status;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_status BEFORE UPDATE ON records.accounts
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION records.guard_account_status();
`;

const FUNCTIONS = [
  'person',
  'find_person',
  'find_session',
  'open_session',
  'end_session',
  'note_person',
  'find_invitation',
  'sign_up',
];
const OWN = `account_id = current_setting('fm.account', true)`;

// Somebody who joins writes that row alone: of themselves, and as a member. Who owns an account is for an owner to say.
const ACCESS = `
${FUNCTIONS.map(
  (name) => `REVOKE ALL ON FUNCTION records.${name} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.${name} TO fm_reader, fm_writer;`,
).join('\n')}
${['users', 'memberships', 'invitations', 'sessions']
  .map(
    (table) => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);`,
  )
  .join('\n')}
GRANT SELECT, INSERT, UPDATE ON records.users, records.memberships, records.invitations, records.sessions TO fm_writer;
GRANT DELETE ON records.sessions TO fm_writer;
GRANT SELECT ON records.users TO fm_reader;
GRANT SELECT, INSERT (account_id, user_id, role), UPDATE (role, joined_at, removed_at) ON records.memberships
  TO fm_reader;
GRANT SELECT (id, account_id, email, invited_by, created_at, expires_at, ended_at),
  INSERT (id, account_id, email, token_hash, invited_by, expires_at), UPDATE (email, ended_at)
  ON records.invitations TO fm_reader;
GRANT SELECT (id, user_id, staff_role, created_at, expires_at) ON records.sessions TO fm_reader;
GRANT UPDATE (name, status) ON records.accounts TO fm_reader;
CREATE POLICY own_tenant ON records.memberships FOR SELECT TO fm_reader USING (${OWN});
CREATE POLICY own_joining ON records.memberships FOR INSERT TO fm_reader
  WITH CHECK (${OWN} AND user_id = current_setting('fm.subject', true) AND role = 'member');
CREATE POLICY own_change ON records.memberships FOR UPDATE TO fm_reader USING (${OWN}) WITH CHECK (${OWN});
CREATE POLICY own_tenant ON records.invitations FOR SELECT TO fm_reader USING (${OWN});
CREATE POLICY own_inviting ON records.invitations FOR INSERT TO fm_reader WITH CHECK (${OWN});
CREATE POLICY own_change ON records.invitations FOR UPDATE TO fm_reader USING (${OWN}) WITH CHECK (${OWN});
CREATE POLICY own_people ON records.users FOR SELECT TO fm_reader
  USING (id = current_setting('fm.subject', true) OR EXISTS (
    SELECT 1 FROM records.memberships m
    WHERE m.user_id = users.id AND m.${OWN} AND m.removed_at IS NULL));
CREATE POLICY own_sessions ON records.sessions FOR SELECT TO fm_reader
  USING (user_id = current_setting('fm.subject', true));
CREATE POLICY own_change ON records.accounts FOR UPDATE TO fm_reader
  USING (id = current_setting('fm.account', true)) WITH CHECK (id = current_setting('fm.account', true));
`;
