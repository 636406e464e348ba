// Records room. Payments of subscriptions: what was asked for, under whose key, and where it stands. Of how somebody
// pays nothing is kept but the provider's own references.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SubscriptionPayments1763700000050 implements MigrationInterface {
  readonly name = 'SubscriptionPayments1763700000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(NEWS);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A key is one of its subscription. \`pages\`: how many checkouts were opened for it, one after the other. \`look_at\`:
// when it is looked at unasked. \`dropped_at\`: nobody waits for it any more.
const TABLE = `
CREATE TABLE records.subscription_payments (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  bot_id text,
  visitor_id text,
  scope_id text NOT NULL,
  key text NOT NULL,
  why text NOT NULL CHECK (why IN ('start', 'upgrade', 'renewal')),
  plan_id text NOT NULL,
  plan_version integer NOT NULL,
  price_minor bigint NOT NULL CHECK (price_minor > 0),
  currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'failed', 'dropped', 'returned')),
  provider text,
  checkout_ref text UNIQUE,
  checkout_url text,
  payment_ref text UNIQUE,
  pages integer NOT NULL DEFAULT 0,
  looks integer NOT NULL DEFAULT 0,
  look_at timestamptz(3),
  dropped_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (scope_id, key),
  FOREIGN KEY (plan_id, plan_version) REFERENCES records.plans (id, version),
  CHECK ((bot_id IS NULL) = (visitor_id IS NULL)),
  CHECK (scope_id = coalesce('end_user/' || bot_id || '/' || visitor_id, 'account/' || account_id)),
  CHECK (checkout_url IS NULL OR state IN ('open', 'failed'))
);
CREATE INDEX subscription_payments_to_look_at ON records.subscription_payments (look_at)
  WHERE state IN ('open', 'failed') AND look_at IS NOT NULL;
`;

const NEWS = `
ALTER TABLE records.payment_events
  ADD COLUMN subscription_payment_id text REFERENCES records.subscription_payments (id),
  ADD CHECK (purchase_id IS NULL OR subscription_payment_id IS NULL);
CREATE INDEX payment_events_of_subscription ON records.payment_events (subscription_payment_id);
GRANT UPDATE (subscription_payment_id) ON records.payment_events TO fm_writer;
`;

const SUBJECT = `(SELECT current_setting('fm.subject', true))`;

// The account's own are its members' to see, a visitor's that visitor's alone, wherever the bot is by now (B26); staff,
// in one account at a time, see both.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.subscription_payments TO fm_writer;
GRANT SELECT ON records.subscription_payments TO fm_reader;
ALTER TABLE records.subscription_payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.subscription_payments FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.subscription_payments TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_payment ON records.subscription_payments FOR SELECT TO fm_reader
  USING (visitor_id = ${SUBJECT} OR (account_id = (SELECT current_setting('fm.account', true))
    AND (visitor_id IS NULL OR ${SUBJECT} LIKE 'staff/%')));
CREATE POLICY visitors_own_payment ON records.subscription_payments AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (${SUBJECT} NOT LIKE 'vis\\_%' OR visitor_id = ${SUBJECT});
`;
