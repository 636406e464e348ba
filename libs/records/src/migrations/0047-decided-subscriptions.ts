// Records room. What was decided of a subscription, from before anything of it is done; and when somebody sees to it
// that its run is alive.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DecidedSubscriptions1763700000068 implements MigrationInterface {
  readonly name = 'DecidedSubscriptions1763700000068';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DECISIONS);
    await runner.query(LOOKS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// The last one of each, and only its writer reads it: it is there for whoever takes over from a worker that was lost.
const DECISIONS = `
CREATE TABLE records.subscription_decisions (
  subject_id text PRIMARY KEY,
  step integer NOT NULL CHECK (step > 0),
  heard jsonb NOT NULL,
  decided jsonb NOT NULL,
  decided_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON records.subscription_decisions TO fm_writer;
ALTER TABLE records.subscription_decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.subscription_decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.subscription_decisions TO fm_writer, fm_owner USING (true) WITH CHECK (true);
`;

// By the time-zone release that its boundaries were reckoned by, those are found that a later one may have moved.
const LOOKS = `
ALTER TABLE records.subscriptions ADD COLUMN look_at timestamptz(3), ADD COLUMN zone_rules text;
UPDATE records.subscriptions SET look_at = wake_at + interval '1 hour' WHERE wake_at IS NOT NULL;
DROP INDEX records.subscriptions_by_wake;
CREATE INDEX subscriptions_to_look_at ON records.subscriptions (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX subscriptions_by_zone_rules ON records.subscriptions (zone_rules) WHERE zone_rules IS NOT NULL;
`;
