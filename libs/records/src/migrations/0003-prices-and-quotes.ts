// Records room. What else a rate card says: when it was announced, tiers, real costs, prices by call, second and byte.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PricesAndQuotes1763700000009 implements MigrationInterface {
  readonly name = 'PricesAndQuotes1763700000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CARDS);
    await runner.query(UNIT_PRICES);
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
