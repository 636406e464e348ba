// Records room. How often a message was asked for again: one that arrives from a try begun before that is sent once
// more all the same.
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ASKED_AGAIN = `
ALTER TABLE records.webhook_deliveries ADD COLUMN asked_again integer NOT NULL DEFAULT 0;
GRANT UPDATE (asked_again) ON records.webhook_deliveries TO fm_reader;
`;

export class AskedForAgain1763700000083 implements MigrationInterface {
  readonly name = 'AskedForAgain1763700000083';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ASKED_AGAIN);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
