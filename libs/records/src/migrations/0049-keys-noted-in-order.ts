// Records room. When keys were last used is noted by each process of the API for itself, many keys at once, in the
// order in which it met them: two that had met the same keys in different orders each held what the other waited for.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeysNotedInOrder1763700000072 implements MigrationInterface {
  readonly name = 'KeysNotedInOrder1763700000072';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(IN_ORDER);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Rows are locked by their ids before any is written, whichever plan the update has.
const IN_ORDER = `
CREATE OR REPLACE FUNCTION records.note_keys_used(ids text[], at timestamptz[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH used AS MATERIALIZED (
    SELECT l.id, u.at FROM unnest(ids, at) AS u (id, at) JOIN records.api_keys l ON l.id = u.id
    ORDER BY l.id FOR NO KEY UPDATE OF l)
  UPDATE records.api_keys k SET last_used_at = greatest(k.last_used_at, used.at) FROM used WHERE k.id = used.id
$$;
`;
