// Records room. What was sold to visitors and taken back, line by line for who sold it; and which plans a bot sells.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SalesAndPlansOfBots1763700000056 implements MigrationInterface {
  readonly name = 'SalesAndPlansOfBots1763700000056';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [SALES, WRITTEN_BY_ITSELF, OF_BEFORE, PLANS_OF_BOTS, ACCESS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A line keeps what it was sold as: the bot may move on and the pack have another version. Who the buyer is to the
// owner is the pseudonym alone, and of the payment there is its amount. `state` is what the purchase became by it.
const SALES = `
CREATE TABLE records.sales (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  purchase_id text NOT NULL REFERENCES records.purchases (id),
  state text NOT NULL CHECK (state IN ('paid', 'disputed', 'reversed')),
  bot_id text NOT NULL,
  product_id text NOT NULL REFERENCES records.products (id),
  product_name text NOT NULL,
  visitor text NOT NULL,
  credits bigint NOT NULL CHECK ((state = 'paid') = (credits > 0)),
  amount_minor bigint NOT NULL CHECK ((state = 'paid') = (amount_minor > 0)),
  currency text NOT NULL,
  at timestamptz(3) NOT NULL
);
CREATE INDEX sales_of_account ON records.sales (account_id, seq DESC);
`;

const LINE = `
  SELECT p.account_id, p.id, l.state, split_part(p.scope_id, '/', 2), p.product_id, coalesce(d.name, ''), v.pseudonym,
    l.sign * p.credits, l.sign * p.price_minor, p.currency, l.at
  FROM records.purchases p JOIN records.products d ON d.id = p.product_id
    JOIN records.visitors v ON v.id = p.buyer_id`;
const COLUMNS = `(account_id, purchase_id, state, bot_id, product_id, product_name, visitor, credits, amount_minor,
  currency, at)`;

// Whatever way a purchase came to be paid, or not to be any more. Lines of one account are numbered in the order in
// which they can be read, so that a list that goes on from a number misses none.
const WRITTEN_BY_ITSELF = `
CREATE FUNCTION records.note_sale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sales/' || NEW.account_id, 0));
  INSERT INTO records.sales ${COLUMNS} ${LINE},
    (SELECT NEW.state, CASE WHEN NEW.state = 'paid' THEN 1 ELSE -1 END AS sign, NEW.changed_at AS at) l
  WHERE p.id = NEW.id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION records.note_sale FROM PUBLIC;
CREATE TRIGGER note_sale AFTER UPDATE OF state ON records.purchases FOR EACH ROW
  WHEN (NEW.lot_kind = 'eu_pack' AND (OLD.state = 'paid') <> (NEW.state = 'paid'))
  EXECUTE FUNCTION records.note_sale();
`;

// Of before there is the day of the order and the day of the last change.
const OF_BEFORE = `
INSERT INTO records.sales ${COLUMNS} ${LINE}
    CROSS JOIN LATERAL (
      SELECT 'paid' AS state, 1 AS sign, p.created_at AS at
      UNION ALL SELECT p.state, -1, p.changed_at WHERE p.state <> 'paid') l
  WHERE p.lot_kind = 'eu_pack' AND (p.state = 'paid' OR p.state <> 'pending' AND p.grants > 0)
  ORDER BY l.at, p.id, l.sign DESC;
`;

// Opted in by whoever has the bot: the next owner begins without any.
const PLANS_OF_BOTS = `
CREATE TABLE records.bot_plans (
  bot_id text NOT NULL REFERENCES records.bots (id),
  plan_id text NOT NULL,
  offered_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (bot_id, plan_id)
);
CREATE FUNCTION records.end_plans_of_bot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM records.bot_plans b WHERE b.bot_id = NEW.id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION records.end_plans_of_bot FROM PUBLIC;
CREATE TRIGGER end_plans_of_bot AFTER UPDATE OF account_id ON records.bots FOR EACH ROW
  WHEN (NEW.account_id <> OLD.account_id) EXECUTE FUNCTION records.end_plans_of_bot();
`;

const MINE = `account_id = current_setting('fm.account', true)`;
const SUBJECT = `(SELECT current_setting('fm.subject', true))`;
const NO_VISITOR = `(SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')`;
const MY_BOT = `EXISTS (SELECT FROM records.bots b WHERE b.id = bot_plans.bot_id AND b.${MINE})`;

const walled = (table: string): string => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);`;

const ACCESS = `
GRANT SELECT ON records.sales TO fm_writer, fm_reader;
${walled('sales')}
CREATE POLICY own_tenant ON records.sales FOR SELECT TO fm_reader USING (${MINE});
CREATE POLICY visitors_nothing ON records.sales AS RESTRICTIVE TO fm_reader
  USING (${NO_VISITOR}) WITH CHECK (${NO_VISITOR});

GRANT SELECT ON records.bot_plans TO fm_writer;
GRANT SELECT, INSERT, DELETE ON records.bot_plans TO fm_reader;
${walled('bot_plans')}
CREATE POLICY own_bot ON records.bot_plans TO fm_reader USING (${MY_BOT}) WITH CHECK (${MY_BOT});
CREATE POLICY visitors_own_bot ON records.bot_plans AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (${NO_VISITOR} OR bot_id = (SELECT v.bot_id FROM records.find_visitor(${SUBJECT}) v));
CREATE POLICY visitors_add_none ON records.bot_plans AS RESTRICTIVE FOR INSERT TO fm_reader WITH CHECK (${NO_VISITOR});
CREATE POLICY visitors_end_none ON records.bot_plans AS RESTRICTIVE FOR DELETE TO fm_reader USING (${NO_VISITOR});
`;
