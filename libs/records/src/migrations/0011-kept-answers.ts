// Records room. What came along with a model's answer stands beside its text: whoever goes on asks nobody again.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeptAnswers1763700000023 implements MigrationInterface {
  readonly name = 'KeptAnswers1763700000023';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE records.texts ADD COLUMN told jsonb, ADD COLUMN unrecorded integer NOT NULL DEFAULT 0,
       ADD CONSTRAINT texts_told_of_answers CHECK (told IS NULL OR purpose = 'answer'),
       ADD CONSTRAINT texts_unrecorded_counts CHECK (unrecorded >= 0)`,
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
