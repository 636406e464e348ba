// Records room. What a review gave back, by the scope that had paid: each reads of what came back to them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RestoredToEach1763700000085 implements MigrationInterface {
  readonly name = 'RestoredToEach1763700000085';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [COLUMN, WALL, READ]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Of earlier cases it was not kept apart: what came back is taken for the reporter's.
const COLUMN = `
ALTER TABLE records.review_cases ADD COLUMN returned jsonb NOT NULL DEFAULT '{}'
  CHECK (jsonb_typeof(returned) = 'object');
UPDATE records.review_cases SET returned = jsonb_build_object(
  CASE WHEN reporter_kind = 'visitor' AND bot_id IS NOT NULL AND reporter_id IS NOT NULL
    THEN 'end_user/' || bot_id || '/' || reporter_id ELSE 'account/' || account_id END, restored::text)
WHERE restored > 0;
`;

const WALL = `
CREATE POLICY own_report_alone ON records.review_cases AS RESTRICTIVE FOR INSERT TO fm_reader
  WITH CHECK (returned = '{}');
`;

// A case that stands for the one that is read may be somebody else's: of it the reader's own part is told, and no more.
const READ = `
CREATE FUNCTION records.restored_to_reader(the_case text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(sum(part.value::bigint), 0)::bigint
  FROM records.review_cases mine
  JOIN records.review_cases c ON c.id = coalesce(mine.duplicate_of, mine.id)
  CROSS JOIN LATERAL jsonb_each_text(c.returned) part
  WHERE mine.id = the_case AND CASE WHEN current_setting('fm.subject', true) LIKE 'vis\\_%'
    THEN mine.reporter_id = current_setting('fm.subject', true)
      AND split_part(part.key, '/', 1) = 'end_user'
      AND split_part(part.key, '/', 3) = current_setting('fm.subject', true)
    ELSE mine.account_id = current_setting('fm.account', true) AND split_part(part.key, '/', 1) <> 'end_user' END
$$;
REVOKE ALL ON FUNCTION records.restored_to_reader FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.restored_to_reader TO fm_reader, fm_writer;
`;
