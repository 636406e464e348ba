// Records room. What staff said of the loops of one account: its tips follow the last word on each.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SaidOfLoops1763700000082 implements MigrationInterface {
  readonly name = 'SaidOfLoops1763700000082';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX loop_reclassifications_of_account
         ON records.loop_reclassifications (account_id, job_id, finding, number)`,
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
