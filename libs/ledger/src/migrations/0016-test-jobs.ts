// Ledger room. The jobs of an account's test keys, the newest first.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TestJobs1763700000041 implements MigrationInterface {
  readonly name = 'TestJobs1763700000041';

  // Without it the few test jobs of a large account are looked for among all of its jobs; live ones never touch it.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "CREATE INDEX jobs_of_test_scopes ON ledger.jobs (account_id, id DESC) WHERE scope_id LIKE 'test/%'",
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
