// Ledger room. The jobs of one bot, the newest first.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class JobsOfABot1763700000024 implements MigrationInterface {
  readonly name = 'JobsOfABot1763700000024';

  // Without it a bot with few jobs in a large account is looked for among all of the account's.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX jobs_of_bot ON ledger.jobs (bot_id, id DESC)');
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
