// Ledger room. What reconciliation walks through is found by index: holds that are open, and jobs by their end.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatIsCompared1763700000067 implements MigrationInterface {
  readonly name = 'WhatIsCompared1763700000067';

  // Open holds are few among all, and are walked through in the order of their jobs.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX holds_open_by_job ON ledger.holds (job_id) WHERE state = 'held';
      CREATE INDEX jobs_by_end ON ledger.jobs (ended_at, id) WHERE ended_at IS NOT NULL`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
