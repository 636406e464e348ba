// Records room. Bundles that are bought by themselves: what an owner has set, and which purchases came of it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AutoTopUps1763700000054 implements MigrationInterface {
  readonly name = 'AutoTopUps1763700000054';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const TABLE = `
CREATE TABLE records.auto_top_ups (
  account_id text PRIMARY KEY REFERENCES records.accounts (id),
  enabled boolean NOT NULL,
  threshold bigint NOT NULL CHECK (threshold > 0),
  product_id text NOT NULL REFERENCES records.products (id),
  monthly_cap_minor bigint NOT NULL CHECK (monthly_cap_minor > 0),
  currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
  set_by text NOT NULL,
  set_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  failed_at timestamptz(3),
  purchase_id text REFERENCES records.purchases (id)
);
ALTER TABLE records.purchases ADD COLUMN automatic boolean NOT NULL DEFAULT false;
CREATE INDEX purchases_automatic ON records.purchases (account_id, created_at) WHERE automatic;
`;

// The owner says what is to be bought; that it is being bought is the writer's to note, and nobody else orders what
// counts as bought by itself.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.auto_top_ups TO fm_writer;
GRANT SELECT, INSERT (account_id, enabled, threshold, product_id, monthly_cap_minor, currency, set_by),
  UPDATE (enabled, threshold, product_id, monthly_cap_minor, currency, set_by, set_at, failed_at)
  ON records.auto_top_ups TO fm_reader;
ALTER TABLE records.auto_top_ups ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.auto_top_ups FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.auto_top_ups TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.auto_top_ups TO fm_reader
  USING (account_id = current_setting('fm.account', true))
  WITH CHECK (account_id = current_setting('fm.account', true));
CREATE POLICY no_visitor ON records.auto_top_ups AS RESTRICTIVE TO fm_reader
  USING (current_setting('fm.subject', true) NOT LIKE 'vis\\_%')
  WITH CHECK (current_setting('fm.subject', true) NOT LIKE 'vis\\_%');
CREATE POLICY ordered_by_somebody ON records.purchases AS RESTRICTIVE FOR INSERT TO fm_reader
  WITH CHECK (NOT automatic);
`;
