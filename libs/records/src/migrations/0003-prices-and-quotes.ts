// Records room. What else a rate card says: its announcement, tiers, real costs, prices by call, second and byte; and
// what was promised in quotes.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PricesAndQuotes1763700000009 implements MigrationInterface {
  readonly name = 'PricesAndQuotes1763700000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CARDS);
    await runner.query(UNIT_PRICES);
    await runner.query(QUOTES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A card of before says none of it: announced with its effect, standard models, each provider one family, no real cost.
const CARDS = `
ALTER TABLE records.rate_cards ADD COLUMN announced_at timestamptz(3);
UPDATE records.rate_cards SET announced_at = effective_from;
ALTER TABLE records.rate_cards ALTER COLUMN announced_at SET NOT NULL,
  ADD CONSTRAINT rate_cards_announced_before CHECK (announced_at <= effective_from);

ALTER TABLE records.model_prices
  ADD COLUMN tier text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'premium')),
  ADD COLUMN family text,
  ADD COLUMN input_cost bigint NOT NULL DEFAULT 0 CHECK (input_cost >= 0),
  ADD COLUMN cached_input_cost bigint NOT NULL DEFAULT 0 CHECK (cached_input_cost >= 0),
  ADD COLUMN cache_write_cost bigint NOT NULL DEFAULT 0 CHECK (cache_write_cost >= 0),
  ADD COLUMN output_cost bigint NOT NULL DEFAULT 0 CHECK (output_cost >= 0),
  ADD COLUMN reasoning_cost bigint NOT NULL DEFAULT 0 CHECK (reasoning_cost >= 0);
UPDATE records.model_prices SET family = provider;
ALTER TABLE records.model_prices ALTER COLUMN family SET NOT NULL;
`;

const UNIT_PRICES = `
CREATE TABLE records.unit_prices (
  rate_card_id text NOT NULL REFERENCES records.rate_cards (id),
  item text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('tool', 'build', 'packaging', 'agent', 'service')),
  call_rate bigint NOT NULL CHECK (call_rate >= 0),
  second_rate bigint NOT NULL CHECK (second_rate >= 0),
  million_bytes_rate bigint NOT NULL CHECK (million_bytes_rate >= 0),
  call_cost bigint NOT NULL CHECK (call_cost >= 0),
  second_cost bigint NOT NULL CHECK (second_cost >= 0),
  million_bytes_cost bigint NOT NULL CHECK (million_bytes_cost >= 0),
  most_seconds integer NOT NULL CHECK (most_seconds > 0),
  most_bytes bigint NOT NULL CHECK (most_bytes > 0),
  source text NOT NULL,
  PRIMARY KEY (rate_card_id, item)
);
GRANT SELECT, INSERT ON records.unit_prices TO fm_writer;
GRANT SELECT ON records.unit_prices TO fm_reader;
`;

// A reader writes quotes as it writes prompts: its own bot's alone, and none can be changed by it. No money moves with
// one; the ledger takes it for a lower budget, and for its card only while that card was the one in force.
const QUOTES = `
CREATE TABLE records.quotes (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  bot_id text NOT NULL,
  asked_hash text NOT NULL,
  request_kind text NOT NULL,
  model text NOT NULL,
  rate_card_id text NOT NULL REFERENCES records.rate_cards (id),
  max_iterations integer NOT NULL CHECK (max_iterations > 0),
  min_charge bigint NOT NULL CHECK (min_charge >= 0),
  expected_charge bigint NOT NULL CHECK (expected_charge >= min_charge),
  max_charge bigint NOT NULL CHECK (max_charge >= expected_charge),
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL CHECK (expires_at > created_at AND expires_at <= created_at + interval '1 day')
);
CREATE INDEX quotes_asked ON records.quotes (account_id, bot_id, asked_hash);
ALTER TABLE records.quotes ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.quotes FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.quotes TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.quotes FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY own_quote ON records.quotes FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true) AND bot_id = current_setting('fm.subject', true));
GRANT SELECT, INSERT ON records.quotes TO fm_reader;
GRANT SELECT, INSERT, DELETE ON records.quotes TO fm_writer;

ALTER TABLE records.texts ADD COLUMN asked_hash text;
CREATE INDEX texts_asked ON records.texts (account_id, subject, asked_hash) WHERE asked_hash IS NOT NULL;
`;
