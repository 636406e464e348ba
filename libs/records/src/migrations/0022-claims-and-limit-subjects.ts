// Records room. A change of terms is claimed before it begins and marked when it is written; a key keeps the name that
// its limits are counted under when another takes its place.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ClaimsAndLimitSubjects1763700000036 implements MigrationInterface {
  readonly name = 'ClaimsAndLimitSubjects1763700000036';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CLAIMS);
    await runner.query(LIMIT_SUBJECTS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Until now a row was written together with its change.
const CLAIMS = `
ALTER TABLE records.terms_changes ADD COLUMN written_at timestamptz(3);
UPDATE records.terms_changes SET written_at = at;
GRANT UPDATE (written_at) ON records.terms_changes TO fm_writer;
`;

// Null is the key's own id: so it is of every key that took no other's place.
const LIMIT_SUBJECTS = `
ALTER TABLE records.api_keys ADD COLUMN limit_subject text;
GRANT SELECT (limit_subject) ON records.api_keys TO fm_reader;
`;
