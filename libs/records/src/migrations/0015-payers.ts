// Records room. What of a bot decides who pays, giveaways with their windows, and which changes of terms were written.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payers1763700000028 implements MigrationInterface {
  readonly name = 'Payers1763700000028';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BOTS);
    await runner.query(CAMPAIGNS);
    await runner.query(CHANGES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const BOTS = `
ALTER TABLE records.bots
  ADD COLUMN sales_mode text NOT NULL DEFAULT 'platform_sells'
    CHECK (sales_mode IN ('platform_sells', 'business_direct')),
  ADD COLUMN funding_mode text NOT NULL DEFAULT 'owner_pool'
    CHECK (funding_mode IN ('owner_pool', 'end_user_credits')),
  ADD COLUMN public_may_use_bonus boolean NOT NULL DEFAULT false;
`;

// What a campaign may give stands in the ledger's limits: one figure has one place.
const CAMPAIGNS = `
CREATE TABLE records.campaigns (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  bot_id text NOT NULL REFERENCES records.bots (id),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) CHECK (ends_at > starts_at),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX campaigns_of_account ON records.campaigns (account_id, id);
GRANT SELECT ON records.campaigns TO fm_reader, fm_writer;
GRANT INSERT, UPDATE ON records.campaigns TO fm_writer;
GRANT UPDATE (sales_mode, funding_mode, public_may_use_bonus) ON records.bots TO fm_writer;
ALTER TABLE records.campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.campaigns FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.campaigns TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.campaigns FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
`;

// A change that is asked for again writes its line of the audit once.
const CHANGES = `
CREATE TABLE records.terms_changes (
  key text PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 300),
  account_id text NOT NULL,
  body_hash text NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT ON records.terms_changes TO fm_writer;
ALTER TABLE records.terms_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.terms_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.terms_changes TO fm_writer, fm_owner USING (true) WITH CHECK (true);
`;
