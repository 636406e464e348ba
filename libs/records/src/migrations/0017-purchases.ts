// Records room. What may be bought, what was bought, and what was heard of each payment.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Purchases1763700000031 implements MigrationInterface {
  readonly name = 'Purchases1763700000031';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A product never changes: another price is another product, and the purchase keeps what it was bought at.
const TABLES = `
CREATE TABLE records.products (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('bundle', 'pack')),
  account_id text,
  bot_id text,
  credits bigint NOT NULL CHECK (credits > 0),
  price_minor bigint NOT NULL CHECK (price_minor > 0),
  currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
  offered boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK ((kind = 'pack') = (bot_id IS NOT NULL)),
  CHECK ((account_id IS NULL) = (bot_id IS NULL))
);
CREATE TABLE records.purchases (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  buyer_id text NOT NULL,
  scope_id text NOT NULL,
  product_id text NOT NULL REFERENCES records.products (id),
  lot_kind text NOT NULL CHECK (lot_kind IN ('bundle', 'eu_pack')),
  credits bigint NOT NULL CHECK (credits > 0),
  price_minor bigint NOT NULL CHECK (price_minor > 0),
  currency text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'paid', 'disputed', 'reversed')),
  provider text,
  checkout_ref text UNIQUE,
  checkout_url text,
  payment_ref text UNIQUE,
  lot_id text,
  grants integer NOT NULL DEFAULT 0,
  key_hash text NOT NULL UNIQUE,
  body_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX purchases_of_account ON records.purchases (account_id, buyer_id, id);
CREATE TABLE records.payment_events (
  provider text NOT NULL,
  event_id text NOT NULL,
  news text NOT NULL,
  purchase_id text REFERENCES records.purchases (id),
  payment_ref text,
  heard_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (provider, event_id)
);
CREATE INDEX payment_events_unmatched ON records.payment_events (payment_ref) WHERE purchase_id IS NULL;
INSERT INTO records.products (id, kind, credits, price_minor, currency) VALUES
  ('bundle_100', 'bundle', 100000000, 1200, 'eur'),
  ('bundle_500', 'bundle', 500000000, 5500, 'eur'),
  ('bundle_2000', 'bundle', 2000000000, 20000, 'eur');
`;

// A purchase is the buyer's own: neither another visitor nor the bot's owner sees who paid what (B26).
const ACCESS = `
GRANT SELECT ON records.products TO fm_writer, fm_reader;
GRANT INSERT, UPDATE (offered) ON records.products TO fm_writer, fm_reader;
GRANT SELECT, INSERT, UPDATE ON records.purchases TO fm_writer;
GRANT SELECT, INSERT ON records.purchases TO fm_reader;
GRANT SELECT, INSERT, UPDATE (purchase_id) ON records.payment_events TO fm_writer;
ALTER TABLE records.products ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.products FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.products TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY offered ON records.products FOR SELECT TO fm_reader
  USING (account_id IS NULL OR account_id = current_setting('fm.account', true));
CREATE POLICY own_product ON records.products FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true));
CREATE POLICY own_product_changed ON records.products FOR UPDATE TO fm_reader
  USING (account_id = current_setting('fm.account', true))
  WITH CHECK (account_id = current_setting('fm.account', true));
ALTER TABLE records.purchases ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.purchases FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.purchases TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_purchase ON records.purchases FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true)
    AND (scope_id = 'account/' || account_id OR buyer_id = current_setting('fm.subject', true)));
CREATE POLICY own_purchase_of_visitor ON records.purchases AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (current_setting('fm.subject', true) NOT LIKE 'vis\\_%' OR buyer_id = current_setting('fm.subject', true));
CREATE POLICY own_order ON records.purchases FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true) AND buyer_id = current_setting('fm.subject', true)
    AND state = 'pending' AND lot_id IS NULL AND grants = 0 AND payment_ref IS NULL);
`;
