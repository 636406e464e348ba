// Records room. How a bot's jobs work, where its owner chose; none is the usual one of its type.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Programs1763700000016 implements MigrationInterface {
  readonly name = 'Programs1763700000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE records.bots ADD COLUMN program text CHECK (program IN ('answer', 'review', 'workspace')),
       ADD CONSTRAINT bots_program_of_type CHECK (program IS NULL OR (type = 'chat') = (program = 'answer'))`,
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
