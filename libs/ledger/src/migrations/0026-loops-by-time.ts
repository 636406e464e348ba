// Ledger room. Loops of all accounts, the newest first: for staff who look through them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LoopsByTime1763700000075 implements MigrationInterface {
  readonly name = 'LoopsByTime1763700000075';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX loop_findings_by_time ON ledger.loop_findings (found_at, job_id, number)');
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
