// Records room. Which mails a usage review has heard as answers: the gateway may hand on the same one again, also much
// later. And which words, by their names: a worker that is lost after its commit has it done again.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AnswersByMail1763700000073 implements MigrationInterface {
  readonly name = 'AnswersByMail1763700000073';

  async up(runner: QueryRunner): Promise<void> {
    // Hashes of message ids: they outlive the mails, and name nobody.
    for (const column of ['heard_mails', 'heard_words']) {
      await runner.query(`ALTER TABLE records.review_cases ADD COLUMN ${column} text[] NOT NULL DEFAULT '{}'`);
    }
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
