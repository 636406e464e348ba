// Records room. What visitors may buy: packs of one bot or of several, in versions, and a lot of each purchase for each
// bot. With what it takes to send money back, and to tell disputes of one payment apart.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PacksForVisitors1763700000032 implements MigrationInterface {
  readonly name = 'PacksForVisitors1763700000032';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PRODUCTS);
    await runner.query(PURCHASES);
    await runner.query(ACCESS_TO_PRODUCTS);
    await runner.query(ACCESS_TO_PURCHASES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A pack is its versions: each is a product, which never changes, and one of them at most is on offer. The packs that
// were listed before had no price, so nobody could buy them.
const PRODUCTS = `
DROP TABLE records.bot_packs;
CREATE TABLE records.product_allowances (
  product_id text NOT NULL REFERENCES records.products (id),
  account_id text NOT NULL REFERENCES records.accounts (id),
  bot_id text NOT NULL REFERENCES records.bots (id),
  credits bigint NOT NULL CHECK (credits > 0),
  PRIMARY KEY (product_id, bot_id)
);
CREATE INDEX allowances_of_bot ON records.product_allowances (bot_id, product_id);
INSERT INTO records.product_allowances (product_id, account_id, bot_id, credits)
  SELECT id, account_id, bot_id, credits FROM records.products WHERE bot_id IS NOT NULL;
ALTER TABLE records.products ADD COLUMN pack_id text, ADD COLUMN version integer, ADD COLUMN name text;
UPDATE records.products SET pack_id = id, version = 1, name = 'Pack' WHERE bot_id IS NOT NULL;
ALTER TABLE records.products DROP COLUMN bot_id;
ALTER TABLE records.products
  ADD CHECK ((kind = 'pack') = (pack_id IS NOT NULL)),
  ADD CHECK ((pack_id IS NULL) = (account_id IS NULL)),
  ADD CHECK ((pack_id IS NULL) = (version IS NULL)),
  ADD CHECK ((pack_id IS NULL) = (name IS NULL)),
  ADD UNIQUE (pack_id, version);
CREATE UNIQUE INDEX one_version_on_offer ON records.products (pack_id) WHERE offered;
CREATE INDEX packs_of_account ON records.products (account_id, pack_id) WHERE offered;
`;

// Whose credits a part becomes is no free text: it follows from bot and visitor. \`owes_back\`: money is to go back and
// has not gone. \`ended_at\`: its buyer went before it was paid.
const PURCHASES = `
CREATE TABLE records.purchase_parts (
  purchase_id text NOT NULL REFERENCES records.purchases (id),
  account_id text NOT NULL,
  bot_id text,
  visitor_id text,
  scope_id text NOT NULL,
  credits bigint NOT NULL CHECK (credits > 0),
  lot_id text,
  PRIMARY KEY (purchase_id, scope_id),
  CHECK ((bot_id IS NULL) = (visitor_id IS NULL)),
  CHECK (scope_id = coalesce('end_user/' || bot_id || '/' || visitor_id, 'account/' || account_id))
);
INSERT INTO records.purchase_parts (purchase_id, account_id, bot_id, visitor_id, scope_id, credits, lot_id)
  SELECT id, account_id, nullif(split_part(scope_id, '/', 2), account_id), nullif(split_part(scope_id, '/', 3), ''),
    scope_id, credits, CASE WHEN state = 'paid' THEN lot_id END FROM records.purchases;
DROP POLICY own_order ON records.purchases;
ALTER TABLE records.purchases
  DROP COLUMN lot_id,
  ADD COLUMN ended_at timestamptz(3),
  ADD COLUMN owes_back boolean NOT NULL DEFAULT false;
CREATE INDEX purchases_of_scope ON records.purchases (scope_id, id);
CREATE INDEX purchases_by_account ON records.purchases (account_id, id);
ALTER TABLE records.payment_events ADD COLUMN dispute_ref text;
CREATE INDEX payment_events_of_purchase ON records.payment_events (purchase_id);
`;

const MINE = `account_id = current_setting('fm.account', true)`;
const SUBJECT = `current_setting('fm.subject', true)`;
const NO_VISITOR = `${SUBJECT} NOT LIKE 'vis\\_%'`;

const walled = (table: string): string => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);`;

// What is sold for a bot is sold by whose bot it is, and by no visitor of it.
const ACCESS_TO_PRODUCTS = `
GRANT SELECT, INSERT ON records.product_allowances TO fm_writer, fm_reader;
${walled('product_allowances')}
CREATE POLICY own_tenant ON records.product_allowances FOR SELECT TO fm_reader USING (${MINE});
CREATE POLICY own_bot ON records.product_allowances FOR INSERT TO fm_reader WITH CHECK (${MINE} AND ${NO_VISITOR}
  AND EXISTS (SELECT FROM records.bots b WHERE b.id = bot_id AND b.${MINE})
  AND EXISTS (SELECT FROM records.products p WHERE p.id = product_id AND p.${MINE}));
CREATE POLICY no_visitor_sells ON records.products AS RESTRICTIVE FOR INSERT TO fm_reader WITH CHECK (${NO_VISITOR});
CREATE POLICY no_visitor_changes ON records.products AS RESTRICTIVE FOR UPDATE TO fm_reader USING (${NO_VISITOR});
`;

// An order is of something on offer, at its price, for whoever orders it; the parts are those of what is ordered, each
// for somebody who is a visitor of that bot. Staff, in one account at a time, see what was bought there.
const ACCESS_TO_PURCHASES = `
GRANT SELECT, INSERT, UPDATE ON records.purchase_parts TO fm_writer;
GRANT SELECT, INSERT ON records.purchase_parts TO fm_reader;
${walled('purchase_parts')}
CREATE POLICY with_its_purchase ON records.purchase_parts FOR SELECT TO fm_reader
  USING (EXISTS (SELECT FROM records.purchases p WHERE p.id = purchase_id));
CREATE POLICY own_order ON records.purchase_parts FOR INSERT TO fm_reader WITH CHECK (${MINE} AND lot_id IS NULL
  AND EXISTS (SELECT FROM records.purchases p WHERE p.id = purchase_parts.purchase_id AND p.${MINE}
    AND p.buyer_id = ${SUBJECT} AND p.state = 'pending' AND (
      (purchase_parts.bot_id IS NULL AND p.scope_id = purchase_parts.scope_id
        AND p.credits = purchase_parts.credits AND p.lot_kind = 'bundle')
      OR EXISTS (SELECT FROM records.product_allowances a, records.find_visitor(purchase_parts.visitor_id) v
        WHERE a.product_id = p.product_id AND a.bot_id = purchase_parts.bot_id AND a.credits = purchase_parts.credits
          AND v.bot_id = a.bot_id AND v.account_id = a.account_id AND v.deleted_at IS NULL
          -- At the bot where it is ordered it is the buyer's; who that is at the others, their tokens have said.
          AND (purchase_parts.scope_id = p.scope_id OR a.bot_id <> split_part(p.scope_id, '/', 2))))));
CREATE POLICY own_order ON records.purchases FOR INSERT TO fm_reader
  WITH CHECK (${MINE} AND buyer_id = ${SUBJECT} AND state = 'pending' AND grants = 0 AND payment_ref IS NULL
    AND checkout_ref IS NULL AND ended_at IS NULL AND NOT owes_back
    AND EXISTS (SELECT FROM records.products p WHERE p.id = purchases.product_id AND p.offered
      AND p.credits = purchases.credits AND p.price_minor = purchases.price_minor AND p.currency = purchases.currency
      AND CASE WHEN ${NO_VISITOR}
        THEN p.kind = 'bundle' AND purchases.lot_kind = 'bundle'
          AND purchases.scope_id = 'account/' || purchases.account_id
        ELSE p.kind = 'pack' AND purchases.lot_kind = 'eu_pack' AND EXISTS (
          SELECT FROM records.product_allowances a, records.find_visitor(purchases.buyer_id) v
          WHERE a.product_id = p.id AND a.bot_id = v.bot_id AND v.account_id = a.account_id AND v.deleted_at IS NULL
            AND purchases.scope_id = 'end_user/' || v.bot_id || '/' || purchases.buyer_id)
        END));
DROP POLICY own_purchase ON records.purchases;
CREATE POLICY own_purchase ON records.purchases FOR SELECT TO fm_reader
  USING (${MINE} AND (scope_id = 'account/' || account_id OR buyer_id = ${SUBJECT} OR ${SUBJECT} LIKE 'staff/%'));
`;
