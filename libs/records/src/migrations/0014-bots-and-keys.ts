// Records room. Bots and keys as their owners set them up: visibility, versions of what a bot is told, transfers, names
// and endings of keys, and what a request was answered that must not be done twice.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class BotsAndKeys1763700000027 implements MigrationInterface {
  readonly name = 'BotsAndKeys1763700000027';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [KEYS, BOTS, GUIDES, TRANSFERS, REPLIES, ACCEPTING, ACCESS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A key of a bot is held by whoever embeds it: it sets nothing up. Keys of before had no name; nobody kept their end.
const KEYS = `
ALTER TABLE records.api_keys
  ADD COLUMN name text NOT NULL DEFAULT '',
  ADD COLUMN last4 text,
  ADD COLUMN replaced_by text,
  ADD COLUMN last_used_at timestamptz(3),
  ADD CONSTRAINT api_keys_manage_scope CHECK (bot_id IS NULL OR NOT 'manage' = ANY (scopes));
CREATE INDEX api_keys_of_account ON records.api_keys (account_id, id);
CREATE INDEX api_keys_of_bot ON records.api_keys (bot_id) WHERE bot_id IS NOT NULL;
CREATE FUNCTION records.note_keys_used(ids text[], at timestamptz[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE records.api_keys k SET last_used_at = greatest(k.last_used_at, used.at)
  FROM unnest(ids, at) AS used (id, at) WHERE k.id = used.id
$$;
REVOKE ALL ON FUNCTION records.note_keys_used FROM PUBLIC;
`;

const BOTS = `
ALTER TABLE records.bots
  ADD COLUMN visibility text NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'public')),
  ADD COLUMN domain text,
  ADD COLUMN publication jsonb,
  ADD COLUMN guide jsonb NOT NULL DEFAULT '{}',
  ADD CONSTRAINT bots_public_after_answers CHECK (visibility = 'private' OR publication IS NOT NULL);
CREATE FUNCTION records.public_bot(bot text)
RETURNS TABLE (id text, type text, name text, domain text, archived boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT b.id, b.type, b.name, b.domain, b.archived_at IS NOT NULL FROM records.bots b
  WHERE b.id = bot AND b.visibility = 'public'
$$;
REVOKE ALL ON FUNCTION records.public_bot FROM PUBLIC;
`;

// A version belongs to its bot and goes with it to another owner. What a job used stays with whoever paid for the job.
const GUIDES = `
CREATE TABLE records.bot_guides (
  bot_id text NOT NULL REFERENCES records.bots (id),
  kind text NOT NULL CHECK (kind IN ('profile', 'style_guide', 'snippets')),
  version integer NOT NULL CHECK (version > 0),
  body jsonb NOT NULL,
  bytes integer NOT NULL CHECK (bytes >= 0),
  tokens integer NOT NULL CHECK (tokens >= 0),
  made_by_role text NOT NULL,
  made_by_id text NOT NULL,
  made_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (bot_id, kind, version)
);
CREATE TABLE records.job_versions (
  job_id text PRIMARY KEY,
  account_id text NOT NULL,
  bot_id text NOT NULL,
  profile integer,
  style_guide integer,
  snippets integer
);
CREATE INDEX job_versions_of_bot ON records.job_versions (account_id, bot_id);
`;

const TRANSFERS = `
CREATE TABLE records.bot_transfers (
  id text PRIMARY KEY,
  bot_id text NOT NULL REFERENCES records.bots (id),
  from_account text NOT NULL REFERENCES records.accounts (id),
  to_account text NOT NULL,
  state text NOT NULL CHECK (state IN ('offered', 'accepted', 'withdrawn')),
  offered_by text NOT NULL,
  offered_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  ended_by text,
  ended_at timestamptz(3),
  CHECK (from_account <> to_account),
  CHECK ((state = 'offered') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX one_open_transfer ON records.bot_transfers (bot_id) WHERE state = 'offered';
CREATE INDEX transfers_to ON records.bot_transfers (to_account, id);
CREATE INDEX transfers_from ON records.bot_transfers (from_account, id);
CREATE TABLE records.bot_packs (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  name text NOT NULL,
  allowances jsonb NOT NULL,
  made_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  withdrawn_at timestamptz(3)
);
CREATE INDEX bot_packs_of_account ON records.bot_packs (account_id, id);
`;

// What was answered is kept without its secrets: a key is shown once, to whoever made it.
const REPLIES = `
CREATE TABLE records.replies (
  key_hash text PRIMARY KEY,
  account_id text NOT NULL,
  body_hash text NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX replies_by_age ON records.replies (created_at);
`;

// The bot, its keys and both owners' books change together. Whoever accepts sees no row of the other account, so that
// this is done by the owner of the tables, for the tenant who asks and for nobody else.
const ACCEPTING = `
CREATE FUNCTION records.accept_bot_transfer(transfer text, who text, line text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  offer records.bot_transfers;
  bot records.bots;
  mine text := current_setting('fm.account', true);
BEGIN
  SELECT * INTO offer FROM records.bot_transfers t WHERE t.id = transfer AND t.to_account = mine FOR UPDATE;
  IF NOT FOUND THEN RETURN 'not_found'; END IF;
  IF offer.state <> 'offered' THEN RETURN 'over'; END IF;
  SELECT * INTO bot FROM records.bots b WHERE b.id = offer.bot_id FOR UPDATE;
  IF bot.account_id <> offer.from_account THEN RETURN 'over'; END IF;
  -- Their units lie with the account: until they can move along, the bot stays where they are (edge 67).
  IF EXISTS (SELECT FROM records.visitors v WHERE v.bot_id = bot.id) THEN RETURN 'has_visitors'; END IF;
  UPDATE records.bots SET account_id = mine, visibility = 'private' WHERE id = bot.id;
  UPDATE records.api_keys SET revoked_at = clock_timestamp() WHERE bot_id = bot.id AND revoked_at IS NULL;
  UPDATE records.bot_transfers SET state = 'accepted', ended_by = who, ended_at = clock_timestamp()
  WHERE id = offer.id;
  INSERT INTO records.audit (id, account_id, actor_role, actor_id, action, target_id, before, after)
  VALUES (line, offer.from_account, 'other_account', mine, 'bot.moved_away', bot.id,
    jsonb_build_object('account_id', offer.from_account), jsonb_build_object('account_id', mine));
  RETURN 'accepted';
END $$;
REVOKE ALL ON FUNCTION records.accept_bot_transfer FROM PUBLIC;
`;

const MINE = "account_id = current_setting('fm.account', true)";
const MY_BOT = `EXISTS (SELECT FROM records.bots b WHERE b.id = bot_id AND b.${MINE})`;

const ownRows = (table: string): string => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);`;

const ACCESS = `
GRANT EXECUTE ON FUNCTION records.note_keys_used, records.public_bot, records.accept_bot_transfer
  TO fm_reader, fm_writer;
GRANT SELECT, INSERT ON records.bot_guides, records.job_versions TO fm_writer;
GRANT UPDATE (body) ON records.bot_guides TO fm_writer;
GRANT SELECT, INSERT, UPDATE ON records.bot_transfers, records.bot_packs TO fm_writer;
GRANT SELECT, INSERT, DELETE ON records.replies TO fm_writer;

GRANT SELECT (id, account_id, bot_id, name, prefix, last4, scopes, expires_at, revoked_at, replaced_by, last_used_at,
  created_at), INSERT, UPDATE (name, scopes, expires_at, revoked_at, replaced_by) ON records.api_keys TO fm_reader;
GRANT INSERT (id, account_id, type, program, name, domain, default_model, default_max_iterations,
  default_max_credits, extras, max_iterations, max_context_tokens, max_credits, max_deadline_ms, models, artefacts),
  UPDATE (name, domain, program, default_model, default_max_iterations, default_max_credits, extras, max_iterations,
  max_context_tokens, max_credits, max_deadline_ms, models, artefacts, visibility, publication, guide, archived_at)
  ON records.bots TO fm_reader;
${['api_keys', 'bots']
  .map(
    (table) => `
CREATE POLICY own_new ON records.${table} FOR INSERT TO fm_reader WITH CHECK (${MINE});
CREATE POLICY own_change ON records.${table} FOR UPDATE TO fm_reader USING (${MINE}) WITH CHECK (${MINE});`,
  )
  .join('')}

GRANT SELECT, INSERT ON records.bot_guides TO fm_reader;
${ownRows('bot_guides')}
CREATE POLICY own_bot ON records.bot_guides FOR SELECT TO fm_reader USING (${MY_BOT});
CREATE POLICY own_version ON records.bot_guides FOR INSERT TO fm_reader WITH CHECK (${MY_BOT});

GRANT SELECT ON records.job_versions TO fm_reader;
${ownRows('job_versions')}
CREATE POLICY own_tenant ON records.job_versions FOR SELECT TO fm_reader USING (${MINE});

GRANT SELECT, INSERT, UPDATE (state, ended_by, ended_at) ON records.bot_transfers TO fm_reader;
${ownRows('bot_transfers')}
CREATE POLICY either_side ON records.bot_transfers FOR SELECT TO fm_reader
  USING (current_setting('fm.account', true) IN (from_account, to_account));
CREATE POLICY own_offer ON records.bot_transfers FOR INSERT TO fm_reader
  WITH CHECK (from_account = current_setting('fm.account', true) AND state = 'offered' AND ${MY_BOT});
CREATE POLICY either_withdraws ON records.bot_transfers FOR UPDATE TO fm_reader
  USING (current_setting('fm.account', true) IN (from_account, to_account) AND state = 'offered')
  WITH CHECK (current_setting('fm.account', true) IN (from_account, to_account) AND state = 'withdrawn');

GRANT SELECT, INSERT, UPDATE (name, withdrawn_at) ON records.bot_packs TO fm_reader;
${ownRows('bot_packs')}
CREATE POLICY own_tenant ON records.bot_packs TO fm_reader USING (${MINE}) WITH CHECK (${MINE});

GRANT SELECT, INSERT ON records.replies TO fm_reader;
${ownRows('replies')}
CREATE POLICY own_tenant ON records.replies TO fm_reader USING (${MINE}) WITH CHECK (${MINE});
`;
