// Records room. Who asks and by which rules: accounts, plans, bots, keys, rate cards, texts, and which workers live.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Records1763700000002 implements MigrationInterface {
  readonly name = 'Records1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA records');
    await runner.query(TABLES);
    await runner.query(DEFINER_FUNCTIONS);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const TABLES = `
CREATE TABLE records.plans (
  id text PRIMARY KEY,
  name text NOT NULL,
  max_iterations integer NOT NULL CHECK (max_iterations > 0),
  max_concurrent_jobs integer NOT NULL CHECK (max_concurrent_jobs > 0)
);

CREATE TABLE records.accounts (
  id text PRIMARY KEY,
  name text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'past_due', 'suspended', 'closed')),
  time_zone text NOT NULL,
  plan_id text NOT NULL REFERENCES records.plans (id),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE records.bots (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  type text NOT NULL CHECK (type IN ('chat', 'coding')),
  name text NOT NULL,
  default_model text NOT NULL,
  default_max_iterations integer NOT NULL CHECK (default_max_iterations > 0),
  default_max_credits bigint NOT NULL CHECK (default_max_credits > 0),
  archived_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX bots_of_account ON records.bots (account_id);

CREATE TABLE records.api_keys (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  bot_id text NOT NULL REFERENCES records.bots (id),
  prefix text NOT NULL,
  secret_hash text NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE records.rate_cards (
  id text PRIMARY KEY,
  effective_from timestamptz(3) NOT NULL UNIQUE,
  minimum_charge bigint NOT NULL CHECK (minimum_charge >= 0),
  body_sha256 text NOT NULL
);

CREATE TABLE records.model_prices (
  rate_card_id text NOT NULL REFERENCES records.rate_cards (id),
  model text NOT NULL,
  provider text NOT NULL,
  provider_model text NOT NULL,
  context_tokens integer NOT NULL CHECK (context_tokens > 0),
  max_output_tokens integer NOT NULL CHECK (max_output_tokens > 0),
  input_rate bigint NOT NULL CHECK (input_rate >= 0),
  cached_input_rate bigint NOT NULL CHECK (cached_input_rate >= 0),
  cache_write_rate bigint NOT NULL CHECK (cache_write_rate >= 0),
  output_rate bigint NOT NULL CHECK (output_rate >= 0),
  reasoning_rate bigint NOT NULL CHECK (reasoning_rate >= 0),
  source text NOT NULL,
  PRIMARY KEY (rate_card_id, model)
);

CREATE TABLE records.texts (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  subject text NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('prompt', 'answer')),
  body text NOT NULL,
  bytes integer NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX texts_of_subject ON records.texts (account_id, subject);

CREATE TABLE records.workers (
  id text PRIMARY KEY,
  version text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL
) WITH (fillfactor = 50);
`;

// Before a tenant is known, a reader sees no row of any. These two answer just what the door must know then.
const DEFINER_FUNCTIONS = `
CREATE FUNCTION records.find_api_key(hash text)
RETURNS TABLE (id text, account_id text, bot_id text, scopes text[], expires_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT k.id, k.account_id, k.bot_id, k.scopes, k.expires_at, k.revoked_at
  FROM records.api_keys k WHERE k.secret_hash = hash
$$;
REVOKE ALL ON FUNCTION records.find_api_key FROM PUBLIC;
`;

const ACCESS = `
GRANT USAGE ON SCHEMA records TO fm_writer, fm_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA records TO fm_writer;
GRANT DELETE ON records.texts, records.workers TO fm_writer;
REVOKE UPDATE ON records.rate_cards, records.model_prices FROM fm_writer;
GRANT SELECT ON records.plans, records.accounts, records.bots, records.rate_cards, records.model_prices,
  records.texts, records.workers TO fm_reader;
GRANT INSERT ON records.texts TO fm_reader;
GRANT EXECUTE ON FUNCTION records.find_api_key TO fm_reader, fm_writer;
${['bots', 'api_keys', 'texts']
  .map(
    (table) => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.${table} FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));`,
  )
  .join('\n')}
CREATE POLICY own_prompt ON records.texts FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true) AND subject = current_setting('fm.subject', true)
    AND purpose = 'prompt');
ALTER TABLE records.accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.accounts TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.accounts FOR SELECT TO fm_reader
  USING (id = current_setting('fm.account', true));
`;
