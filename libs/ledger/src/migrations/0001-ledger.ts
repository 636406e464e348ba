// Ledger room. The first tables: scopes, lots, holds, operations, entries, the facts of jobs, and the outbox.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Ledger1763700000001 implements MigrationInterface {
  readonly name = 'Ledger1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA ledger');
    await runner.query(MONEY_TABLES);
    await runner.query(JOB_TABLES);
    await runner.query(OUTBOX_TABLE);
    await runner.query(APPEND_ONLY);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const MONEY_TABLES = `
CREATE TABLE ledger.scopes (
  id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 120),
  account_id text NOT NULL,
  entry_seq bigint NOT NULL DEFAULT 0 CHECK (entry_seq >= 0),
  outbox_seq bigint NOT NULL DEFAULT 0 CHECK (outbox_seq >= 0),
  last_effective_at timestamptz(3) NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE ledger.terms (
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  number integer NOT NULL CHECK (number > 0),
  account_id text NOT NULL,
  effective_at timestamptz(3) NOT NULL,
  body jsonb NOT NULL,
  operation_key text NOT NULL,
  PRIMARY KEY (scope_id, number)
);

CREATE TABLE ledger.operations (
  key text PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 400),
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  account_id text NOT NULL,
  verb text NOT NULL,
  body_hash text NOT NULL,
  result jsonb NOT NULL,
  effective_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(6) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE ledger.lots (
  id text PRIMARY KEY,
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  account_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('daily', 'subscription', 'bonus_admin', 'bonus_promo', 'bonus_community',
    'compensation', 'bundle', 'eu_allowance', 'eu_pack')),
  granted bigint NOT NULL CHECK (granted > 0),
  open bigint NOT NULL CHECK (open >= 0),
  held bigint NOT NULL CHECK (held >= 0),
  valid_from timestamptz(3) NOT NULL,
  expires_at timestamptz(3) CHECK (expires_at > valid_from),
  source_ref text NOT NULL,
  opened_seq bigint NOT NULL,
  CHECK (open + held <= granted),
  UNIQUE (scope_id, kind, source_ref)
) WITH (fillfactor = 50);
CREATE INDEX lots_alive ON ledger.lots (scope_id) WHERE open > 0 OR held > 0;

CREATE TABLE ledger.holds (
  id text PRIMARY KEY,
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  account_id text NOT NULL,
  job_id text NOT NULL UNIQUE,
  state text NOT NULL CHECK (state IN ('held', 'settled', 'released'))
) WITH (fillfactor = 50);
CREATE INDEX holds_open ON ledger.holds (scope_id) WHERE state = 'held';

CREATE TABLE ledger.hold_lines (
  hold_id text NOT NULL REFERENCES ledger.holds (id),
  line_no integer NOT NULL CHECK (line_no > 0),
  account_id text NOT NULL,
  lot_id text NOT NULL REFERENCES ledger.lots (id),
  held bigint NOT NULL CHECK (held >= 0),
  captured bigint NOT NULL CHECK (captured >= 0),
  PRIMARY KEY (hold_id, line_no),
  UNIQUE (hold_id, lot_id)
) WITH (fillfactor = 50);

CREATE TABLE ledger.entries (
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  scope_seq bigint NOT NULL CHECK (scope_seq > 0),
  account_id text NOT NULL,
  operation_key text NOT NULL REFERENCES ledger.operations (key),
  from_account text NOT NULL,
  to_account text NOT NULL CHECK (to_account <> from_account),
  amount bigint NOT NULL CHECK (amount > 0),
  lot_id text REFERENCES ledger.lots (id),
  lot_open_after bigint CHECK (lot_open_after >= 0),
  lot_held_after bigint CHECK (lot_held_after >= 0),
  job_id text,
  step_ordinal integer,
  effective_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, scope_seq),
  CHECK ((lot_id IS NULL) = (lot_open_after IS NULL) AND (lot_id IS NULL) = (lot_held_after IS NULL))
);
CREATE INDEX entries_of_job ON ledger.entries (job_id, scope_seq) WHERE job_id IS NOT NULL;
CREATE INDEX entries_of_lot ON ledger.entries (lot_id, scope_seq DESC) WHERE lot_id IS NOT NULL;
`;

const JOB_TABLES = `
CREATE TABLE ledger.jobs (
  id text PRIMARY KEY,
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  account_id text NOT NULL,
  bot_id text NOT NULL,
  bot_type text NOT NULL CHECK (bot_type IN ('chat', 'coding')),
  key_hash text NOT NULL UNIQUE,
  body_hash text NOT NULL,
  workflow_id text NOT NULL,
  run_id text NOT NULL,
  trace_parent text NOT NULL,
  request_kind text NOT NULL,
  model text NOT NULL,
  rate_card_id text NOT NULL,
  prompt_ref text NOT NULL,
  prompt_bytes integer NOT NULL CHECK (prompt_bytes >= 0),
  state text NOT NULL,
  end_reason text,
  max_iterations integer NOT NULL CHECK (max_iterations > 0),
  max_credits bigint NOT NULL CHECK (max_credits > 0),
  iteration integer NOT NULL DEFAULT 0,
  steps_ended integer NOT NULL DEFAULT 0,
  charge bigint NOT NULL DEFAULT 0 CHECK (charge >= 0),
  minimum_charge bigint NOT NULL DEFAULT 0 CHECK (minimum_charge >= 0),
  written_off bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
  refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= charge),
  held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  billable_steps integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  ended_at timestamptz(3),
  CHECK (charge <= max_credits),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK (ended_at IS NULL OR held = 0)
) WITH (fillfactor = 50);
CREATE INDEX jobs_of_account ON ledger.jobs (account_id, id DESC);

CREATE TABLE ledger.steps (
  job_id text NOT NULL REFERENCES ledger.jobs (id),
  ordinal integer NOT NULL CHECK (ordinal > 0),
  account_id text NOT NULL,
  iteration integer NOT NULL,
  kind text NOT NULL,
  stage text NOT NULL,
  model text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'ended', 'abandoned')),
  charge_class text,
  charge bigint NOT NULL DEFAULT 0 CHECK (charge >= 0),
  written_off bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
  verdict text,
  result_ref text,
  result_bytes integer NOT NULL DEFAULT 0,
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  PRIMARY KEY (job_id, ordinal)
) WITH (fillfactor = 70);

CREATE TABLE ledger.attempts (
  job_id text NOT NULL,
  ordinal integer NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  account_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'ended', 'closed')),
  charge_class text,
  fault text,
  input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
  cached_input_tokens bigint NOT NULL DEFAULT 0 CHECK (cached_input_tokens >= 0),
  cache_write_tokens bigint NOT NULL DEFAULT 0 CHECK (cache_write_tokens >= 0),
  output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
  reasoning_tokens bigint NOT NULL DEFAULT 0 CHECK (reasoning_tokens >= 0),
  system_tokens bigint NOT NULL DEFAULT 0 CHECK (system_tokens >= 0),
  calls integer NOT NULL DEFAULT 0,
  milliseconds bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  unmetered boolean NOT NULL DEFAULT false,
  provider_request_id text,
  region text,
  latency_ms integer,
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  PRIMARY KEY (job_id, ordinal, number),
  FOREIGN KEY (job_id, ordinal) REFERENCES ledger.steps (job_id, ordinal)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX attempts_one_open ON ledger.attempts (job_id, ordinal) WHERE state = 'open';
CREATE UNIQUE INDEX attempts_one_billable ON ledger.attempts (job_id, ordinal) WHERE charge_class = 'billable';
`;

const OUTBOX_TABLE = `
CREATE TABLE ledger.outbox (
  scope_id text NOT NULL REFERENCES ledger.scopes (id),
  scope_seq bigint NOT NULL CHECK (scope_seq > 0),
  account_id text NOT NULL,
  job_id text,
  type text NOT NULL,
  payload jsonb NOT NULL,
  effective_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, scope_seq)
);
CREATE INDEX outbox_of_job ON ledger.outbox (job_id, scope_seq) WHERE job_id IS NOT NULL;
`;

// Grants below leave UPDATE and DELETE out; the trigger says no to the owner's own mistakes as well.
const APPEND_ONLY = `
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: post an opposite entry instead', TG_TABLE_NAME USING ERRCODE = 'FM001';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.operations
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.terms
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
`;

const TENANT_TABLES = [
  'scopes',
  'terms',
  'operations',
  'lots',
  'holds',
  'hold_lines',
  'entries',
  'jobs',
  'steps',
  'attempts',
  'outbox',
];

const ACCESS = `
GRANT USAGE ON SCHEMA ledger TO fm_writer, fm_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO fm_writer, fm_reader;
GRANT INSERT ON ALL TABLES IN SCHEMA ledger TO fm_writer;
GRANT UPDATE ON ledger.scopes, ledger.lots, ledger.holds, ledger.hold_lines, ledger.jobs, ledger.steps,
  ledger.attempts TO fm_writer;
${TENANT_TABLES.map(
  (table) => `
ALTER TABLE ledger.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON ledger.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON ledger.${table} FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));`,
).join('\n')}
`;
