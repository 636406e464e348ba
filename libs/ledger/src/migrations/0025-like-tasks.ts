// Ledger room. Jobs of one kind on one model, by when they ended: what a task usually costs.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LikeTasks1763700000071 implements MigrationInterface {
  readonly name = 'LikeTasks1763700000071';

  // Nothing in it changes while a job runs, so a step still updates its job in place.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX jobs_alike ON ledger.jobs (request_kind, model, ended_at) INCLUDE (context_tokens)
        WHERE ended_at IS NOT NULL;
      CREATE INDEX loop_findings_to_review ON ledger.loop_findings (job_id) WHERE action = 'review'`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
