// Records room. The plans of a bot's visitors go along where the bot goes, and a visitor sees the own one wherever the
// bot is by now.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PlansOfVisitorsMove1763700000059 implements MigrationInterface {
  readonly name = 'PlansOfVisitorsMove1763700000059';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [GO_ALONG, MOVED_BEFORE, OWN]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Whoever answers for the bot answers for what runs at it: closing the account of before must not end it, and closing
// the new one must.
const GO_ALONG = `
CREATE INDEX subscriptions_of_bot ON records.subscriptions (bot_id) WHERE bot_id IS NOT NULL;
CREATE FUNCTION records.take_plans_along() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE records.subscriptions s SET account_id = NEW.account_id WHERE s.bot_id = NEW.id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION records.take_plans_along FROM PUBLIC;
CREATE TRIGGER take_plans_along AFTER UPDATE OF account_id ON records.bots FOR EACH ROW
  WHEN (NEW.account_id <> OLD.account_id) EXECUTE FUNCTION records.take_plans_along();
`;

const MOVED_BEFORE = `
UPDATE records.subscriptions s SET account_id = b.account_id
FROM records.bots b WHERE b.id = s.bot_id AND b.account_id <> s.account_id;
`;

// The restrictive wall of visitors stands beside it: of the account's other rows a visitor sees none.
const OWN = `
DROP POLICY own_tenant ON records.subscriptions;
CREATE POLICY own_tenant ON records.subscriptions FOR SELECT TO fm_reader
  USING (account_id = (SELECT current_setting('fm.account', true))
    OR visitor_id = (SELECT current_setting('fm.subject', true)));
`;
