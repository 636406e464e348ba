// Records room. An endpoint that is told of something already and asks for resets as well is told of none from before
// that: since when it asks for them is kept by itself.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SinceWhenResetsAreAskedFor1763700000092 implements MigrationInterface {
  readonly name = 'SinceWhenResetsAreAskedFor1763700000092';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ASKED_SINCE);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const ASKED_SINCE = `
ALTER TABLE records.webhook_endpoints ADD COLUMN resets_from timestamptz(3) NOT NULL DEFAULT clock_timestamp();
UPDATE records.webhook_endpoints SET resets_from = told_from;
GRANT UPDATE (resets_from) ON records.webhook_endpoints TO fm_reader;
`;
