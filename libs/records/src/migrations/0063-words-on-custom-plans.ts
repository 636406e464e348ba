// Records room. What the staff said to a request for a custom plan stands in a row before anybody does it: where
// Temporal is away just then, or the process dies over it, somebody has to look.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WordsOnCustomPlans1763700000089 implements MigrationInterface {
  readonly name = 'WordsOnCustomPlans1763700000089';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [TABLE, ACCESS]) await runner.query(statements);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A minute is longer than any request waits. A word that was looked after is looked at no more: null. Which was said
// last tells `seq`: ids are made by the clocks of several processes.
const TABLE = `
CREATE TABLE records.custom_plan_words (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  custom_plan_request_id text NOT NULL REFERENCES records.custom_plan_requests (id),
  account_id text NOT NULL REFERENCES records.accounts (id),
  verdict text NOT NULL CHECK (verdict IN ('publish', 'decline')),
  offer_id text,
  said_by text NOT NULL,
  said_role text NOT NULL CHECK (said_role IN ('support', 'admin')),
  reason_ref text NOT NULL,
  request_id text NOT NULL,
  look_at timestamptz(3) DEFAULT clock_timestamp() + interval '1 minute',
  CHECK ((verdict = 'publish') = (offer_id IS NOT NULL))
);
CREATE INDEX custom_plan_words_to_look_at ON records.custom_plan_words (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX custom_plan_words_of_request ON records.custom_plan_words (custom_plan_request_id, seq);
`;

// The API writes the word of whoever says it, and reads none.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE (look_at) ON records.custom_plan_words TO fm_writer;
GRANT INSERT ON records.custom_plan_words TO fm_reader;
ALTER TABLE records.custom_plan_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.custom_plan_words FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.custom_plan_words TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY said_by_staff ON records.custom_plan_words FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true)
    AND 'staff/' || said_by = current_setting('fm.subject', true)
    AND NOT EXISTS (SELECT FROM records.memberships m WHERE m.account_id = custom_plan_words.account_id
      AND m.user_id = said_by AND m.removed_at IS NULL));
`;
