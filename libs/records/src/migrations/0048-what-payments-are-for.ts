// Records room. Which lots a payment of a subscription was for, the payment that stands in the place of one that was
// taken back, and visitors' plans among the sales of whoever sells them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatPaymentsAreFor1763700000069 implements MigrationInterface {
  readonly name = 'WhatPaymentsAreFor1763700000069';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [LOTS, AGAIN, SALES, WRITTEN_BY_ITSELF, OF_BEFORE]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// `source_ref`: the ledger's name of the lot within the scope of the subscription.
const LOTS = `
CREATE TABLE records.subscription_payment_lots (
  payment_id text NOT NULL REFERENCES records.subscription_payments (id),
  source_ref text NOT NULL,
  kind text NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  period_start timestamptz(3),
  expires_at timestamptz(3),
  state text NOT NULL CHECK (state IN ('given', 'taken', 'due', 'replaced')),
  PRIMARY KEY (payment_id, source_ref)
);
CREATE INDEX subscription_payment_lots_due ON records.subscription_payment_lots (payment_id) WHERE state = 'due';
GRANT SELECT, INSERT, UPDATE, DELETE ON records.subscription_payment_lots TO fm_writer;
ALTER TABLE records.subscription_payment_lots ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.subscription_payment_lots FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.subscription_payment_lots TO fm_writer, fm_owner USING (true) WITH CHECK (true);
`;

// `replaces`: the key of the payment in whose place it is.
const AGAIN = `
ALTER TABLE records.subscription_payments ADD COLUMN replaces text,
  DROP CONSTRAINT subscription_payments_why_check,
  ADD CONSTRAINT subscription_payments_why_check CHECK (why IN ('start', 'upgrade', 'renewal', 'again'));
`;

// A plan's allowance comes again and is not sold by the piece: its lines have no credits.
const SALES = `
ALTER TABLE records.sales ALTER COLUMN purchase_id DROP NOT NULL, ALTER COLUMN product_id DROP NOT NULL,
  ALTER COLUMN credits DROP NOT NULL,
  ADD COLUMN payment_id text REFERENCES records.subscription_payments (id),
  ADD COLUMN plan_id text,
  ADD CHECK ((purchase_id IS NULL) <> (payment_id IS NULL)),
  ADD CHECK ((purchase_id IS NULL) = (product_id IS NULL)),
  ADD CHECK ((payment_id IS NULL) = (plan_id IS NULL)),
  ADD CHECK ((purchase_id IS NULL) = (credits IS NULL));
CREATE INDEX sales_of_payment ON records.sales (payment_id) WHERE payment_id IS NOT NULL;
`;

const COLUMNS = `(account_id, payment_id, state, bot_id, plan_id, product_name, visitor, amount_minor, currency, at)`;
const LINE = `p.bot_id, p.plan_id, coalesce(l.name, ''), v.pseudonym`;
const FROM = `FROM records.subscription_payments p JOIN records.visitors v ON v.id = p.visitor_id
    LEFT JOIN records.plans l ON l.id = p.plan_id AND l.version = p.plan_version`;

// What goes back is in the books of whoever sold it, wherever the bot is by then.
const WRITTEN_BY_ITSELF = `
CREATE FUNCTION records.note_plan_sale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  seller text := coalesce(
    (SELECT s.account_id FROM records.sales s WHERE s.payment_id = NEW.id ORDER BY s.seq LIMIT 1),
    (SELECT b.account_id FROM records.bots b WHERE b.id = NEW.bot_id), NEW.account_id);
  is_sold boolean := NEW.state = 'paid';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sales/' || seller, 0));
  INSERT INTO records.sales ${COLUMNS}
  SELECT seller, p.id, CASE WHEN is_sold THEN 'paid' ELSE 'reversed' END, ${LINE},
    CASE WHEN is_sold THEN p.price_minor ELSE -p.price_minor END, p.currency, NEW.changed_at
  ${FROM} WHERE p.id = NEW.id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION records.note_plan_sale FROM PUBLIC;
CREATE TRIGGER note_plan_sale AFTER UPDATE OF state ON records.subscription_payments FOR EACH ROW
  WHEN (NEW.visitor_id IS NOT NULL AND (OLD.state = 'paid') <> (NEW.state = 'paid'))
  EXECUTE FUNCTION records.note_plan_sale();
`;

// What was paid before and went back adds up to nothing, and has no date of its own any more: it is left out.
const OF_BEFORE = `
INSERT INTO records.sales ${COLUMNS}
SELECT coalesce(b.account_id, p.account_id), p.id, 'paid', ${LINE}, p.price_minor, p.currency, p.changed_at
${FROM} LEFT JOIN records.bots b ON b.id = p.bot_id WHERE p.state = 'paid' ORDER BY p.changed_at, p.id;
`;
