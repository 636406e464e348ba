// Records room. What outlives the deletion of a visitor so that nobody is given a free share twice, and the scope that
// giving tokens to visitors needs.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class VisitorsCountedOnce1763700000038 implements MigrationInterface {
  readonly name = 'VisitorsCountedOnce1763700000038';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COUNTED_ONCE);
    await runner.query(SCOPE_OF_ITS_OWN);
    await runner.query(STAFF_BY_THEIR_LATEST_WORD);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// `share_ref` is a hash under a key that is not in the database: it finds whoever comes back, and tells nobody who that
// is. Whoever comes back is a new visitor with no past but one: the limits count on from the first of them.
const COUNTED_ONCE = `
ALTER TABLE records.visitors
  ADD COLUMN share_ref text CHECK (share_ref ~ '^[0-9a-f]{64}$'),
  ADD COLUMN counted_as text;
CREATE INDEX visitors_of_share ON records.visitors (bot_id, share_ref, id) WHERE share_ref IS NOT NULL;
CREATE FUNCTION records.visitor_of_token(visitor text)
RETURNS TABLE (account_id text, bot_id text, deleted_at timestamptz, counted_as text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT b.account_id, v.bot_id, v.deleted_at, coalesce(v.counted_as, v.id)
  FROM records.visitors v JOIN records.bots b ON b.id = v.bot_id WHERE v.id = visitor
$$;
REVOKE ALL ON FUNCTION records.visitor_of_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.visitor_of_token TO fm_reader;
`;

// Keys of an account that set up keys could have given themselves any right. Keys of bots get it from their owner, one
// by one: that they may submit says nothing about whom they may speak for.
const SCOPE_OF_ITS_OWN = `
UPDATE records.api_keys SET scopes = scopes || '{visitors}'
WHERE bot_id IS NULL AND 'manage' = ANY (scopes) AND NOT 'visitors' = ANY (scopes);
`;

// A session of the staff is one of the role that its person had at the door. Once any token of theirs says something
// else, it is over: the newest word of the issuer counts, by whichever way it came.
const STAFF_BY_THEIR_LATEST_WORD = `
ALTER TABLE records.users ADD COLUMN staff_role text CHECK (staff_role IN ('support', 'admin'));
UPDATE records.users u SET staff_role = s.staff_role FROM (
  SELECT DISTINCT ON (user_id) user_id, staff_role FROM records.sessions ORDER BY user_id, created_at DESC
) s WHERE s.user_id = u.id AND s.staff_role IS NOT NULL;
CREATE FUNCTION records.note_staff_role(the_user text, the_role text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE records.users u SET staff_role = the_role WHERE u.id = the_user AND u.staff_role IS DISTINCT FROM the_role
$$;
CREATE OR REPLACE FUNCTION records.find_session(the_hash text)
RETURNS TABLE (user_id text, issuer text, subject text, email text, name text, accounts jsonb,
  session_id text, staff_role text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.*, s.id, s.staff_role, s.expires_at
  FROM records.sessions s JOIN records.users u ON u.id = s.user_id, records.person(s.user_id) p
  WHERE s.token_hash = the_hash AND (s.staff_role IS NULL OR s.staff_role = u.staff_role)
$$;
DROP FUNCTION records.find_person;
CREATE FUNCTION records.find_person(the_issuer text, the_subject text)
RETURNS TABLE (user_id text, issuer text, subject text, email text, name text, accounts jsonb, staff_role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.*, u.staff_role FROM records.users u, records.person(u.id) p
  WHERE u.issuer = the_issuer AND u.subject = the_subject
$$;
REVOKE ALL ON FUNCTION records.note_staff_role, records.find_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.note_staff_role, records.find_person TO fm_reader;
`;
