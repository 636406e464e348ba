// Ledger room. What ran in a time is found by when it began, whoever's it is.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class StepsByStart1763700000062 implements MigrationInterface {
  readonly name = 'StepsByStart1763700000062';

  // Steps are written as they begin, so a block range of them is a range of time: next to nothing to keep up.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX steps_by_start ON ledger.steps USING brin (started_at) WITH (autosummarize = on)');
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
