// Records room. What a credential hangs on: a visitor's token on who gave it and on the bot as it was then, a staff
// role on the newest word of its issuer, the grants of all accounts on who looks at them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatACredentialHangsOn1763700000052 implements MigrationInterface {
  readonly name = 'WhatACredentialHangsOn1763700000052';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [ROUNDS, TOKENS, SHARES, STAFF_BY_DATE, GRANTS_FOR_STAFF]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const MINE = `account_id = current_setting('fm.account', true)`;
const NO_VISITOR = `(SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')`;

// Counted and not dated: clocks of several machines cannot disagree about it.
const ROUNDS = `
ALTER TABLE records.bots ADD COLUMN token_round integer NOT NULL DEFAULT 0;
CREATE FUNCTION records.end_tokens_of_bot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.token_round := OLD.token_round + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER end_tokens_of_bot BEFORE UPDATE ON records.bots FOR EACH ROW
  WHEN (NEW.account_id <> OLD.account_id OR (NEW.archived_at IS NOT NULL AND OLD.archived_at IS NULL))
  EXECUTE FUNCTION records.end_tokens_of_bot();
`;

// One statement, as before: with the visitor's row it says whether whoever gave the token could give it still.
const TOKENS = `
DROP FUNCTION records.visitor_of_token(text);
CREATE FUNCTION records.visitor_of_token(visitor text, giver text, moment timestamptz)
RETURNS TABLE (account_id text, bot_id text, deleted_at timestamptz, counted_as text, token_round integer,
  giver_may boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT b.account_id, v.bot_id, v.deleted_at, coalesce(v.counted_as, v.id), b.token_round,
    EXISTS (SELECT FROM records.api_keys k
      WHERE k.id = giver AND k.account_id = b.account_id AND (k.bot_id IS NULL OR k.bot_id = b.id)
        AND 'visitors' = ANY (k.scopes) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > moment))
    OR EXISTS (SELECT FROM records.memberships m
      WHERE m.user_id = giver AND m.account_id = b.account_id AND m.role = 'owner' AND m.removed_at IS NULL)
  FROM records.visitors v JOIN records.bots b ON b.id = v.bot_id WHERE v.id = visitor
$$;
REVOKE ALL ON FUNCTION records.visitor_of_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.visitor_of_token TO fm_reader;
`;

// Whoever came before the hash was kept is given it when they come again, once.
const OF_MY_BOT = `EXISTS (SELECT FROM records.bots b WHERE b.id = visitors.bot_id AND b.${MINE})`;
const SHARES = `
GRANT UPDATE (share_ref) ON records.visitors TO fm_reader;
CREATE POLICY share_filled_once ON records.visitors FOR UPDATE TO fm_reader
  USING (${OF_MY_BOT} AND share_ref IS NULL) WITH CHECK (${OF_MY_BOT});
CREATE POLICY visitors_change_none ON records.visitors AS RESTRICTIVE FOR UPDATE TO fm_reader USING (${NO_VISITOR});
`;

// Tokens arrive in any order: the word that counts is the one that its issuer said last.
const STAFF_BY_DATE = `
ALTER TABLE records.users ADD COLUMN staff_said_at timestamptz(3);
DROP FUNCTION records.note_staff_role(text, text);
CREATE FUNCTION records.note_staff_role(the_user text, the_role text, said_at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE records.users u SET staff_role = the_role, staff_said_at = said_at
  WHERE u.id = the_user AND (u.staff_said_at IS NULL OR u.staff_said_at <= said_at)
$$;
DROP FUNCTION records.find_person(text, text);
CREATE FUNCTION records.find_person(the_issuer text, the_subject text)
RETURNS TABLE (user_id text, issuer text, subject text, email text, name text, accounts jsonb, staff_role text,
  staff_said_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.*, u.staff_role, u.staff_said_at FROM records.users u, records.person(u.id) p
  WHERE u.issuer = the_issuer AND u.subject = the_subject
$$;
REVOKE ALL ON FUNCTION records.note_staff_role, records.find_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.note_staff_role, records.find_person TO fm_reader;
`;

// Shown to a transaction whose subject is somebody of the staff by the newest word, and to no other.
const GRANTS_FOR_STAFF = `
CREATE FUNCTION records.is_staff_asking() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM records.users u
    WHERE u.id = split_part(current_setting('fm.subject', true), '/', 2) AND u.staff_role IS NOT NULL)
    AND current_setting('fm.subject', true) LIKE 'staff/%'
$$;
REVOKE ALL ON FUNCTION records.is_staff_asking FROM PUBLIC;
CREATE OR REPLACE FUNCTION records.grants_for_staff(the_id text, the_state text, the_last text, the_most integer)
RETURNS TABLE (id text, account_id text, kind text, credits bigint, expires_at timestamptz, earning_rule text,
  contribution_reference text, reason text, state text, asked_by text, asked_role text, decided_by text,
  decided_at timestamptz, lot_id text, body_hash text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT g.id, g.account_id, g.kind, g.credits, g.expires_at, g.earning_rule, g.contribution_reference, t.body,
    g.state, g.asked_by, g.asked_role, g.decided_by, g.decided_at, g.lot_id, g.body_hash, g.created_at
  FROM records.grants g LEFT JOIN records.texts t ON t.id = g.reason_ref
  WHERE (SELECT records.is_staff_asking()) AND (the_id IS NULL OR g.id = the_id)
    AND (the_state IS NULL OR g.state = the_state) AND (the_last IS NULL OR g.id < the_last)
  ORDER BY g.id DESC LIMIT the_most
$$;
`;
