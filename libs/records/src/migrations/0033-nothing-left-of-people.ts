// Records room. A person who worked for the platform is forgotten like any other: the reasons they gave can be found
// and go, and none comes late. A quote knows which person asked, so that a member is told of own requests alone.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NothingLeftOfPeople1763700000049 implements MigrationInterface {
  readonly name = 'NothingLeftOfPeople1763700000049';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [REASONS, QUOTES]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Staff are in no account and write inside of many, under a subject that says so.
const REASONS = `
CREATE INDEX texts_of_staff ON records.texts (subject) WHERE subject LIKE 'staff/%';
CREATE OR REPLACE FUNCTION records.drop_of_erased_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  erased boolean;
BEGIN
  SELECT u.erased_at IS NOT NULL INTO erased FROM records.users u
  WHERE u.id = regexp_replace(NEW.subject, '^staff/', '') FOR SHARE;
  IF erased THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER drop_of_erased_staff BEFORE INSERT ON records.texts
  FOR EACH ROW WHEN (NEW.subject LIKE 'staff/%') EXECUTE FUNCTION records.drop_of_erased_person();
`;

const QUOTES = `
ALTER TABLE records.quotes ADD COLUMN asked_by text;
`;
