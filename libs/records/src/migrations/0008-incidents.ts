// Records room. Times in which something of ours or of a provider's is known to have failed; and what a plan changes of
// the rules by which repetition is a loop.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Incidents1763700000018 implements MigrationInterface {
  readonly name = 'Incidents1763700000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(INCIDENTS);
    await runner.query(LOOPS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// No tenant's: written by staff, read where a loop is judged. Its end may be set later, and nothing else of it changes.
const INCIDENTS = `
CREATE TABLE records.incidents (
  id text PRIMARY KEY,
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  scope text NOT NULL CHECK (scope IN ('provider', 'tool', 'all')),
  name text,
  description text NOT NULL CHECK (length(description) BETWEEN 1 AND 2000),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK (ended_at > started_at),
  CHECK ((scope = 'all') = (name IS NULL))
);
CREATE INDEX incidents_by_start ON records.incidents (started_at);
GRANT SELECT, INSERT, UPDATE (ended_at) ON records.incidents TO fm_writer;
`;

// Only what it changes; a plan of before changes nothing.
const LOOPS = `ALTER TABLE records.plans ADD COLUMN loops jsonb NOT NULL DEFAULT '{}'`;
