// Records room. Keys of the test environment beside live ones; whatever was there before acts live, as it did.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeyEnvironments1763700000040 implements MigrationInterface {
  readonly name = 'KeyEnvironments1763700000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(KEYS);
    await runner.query(FINDING);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// What is set up is live: no test key sets anything up.
const KEYS = `
ALTER TABLE records.api_keys
  ADD COLUMN environment text NOT NULL DEFAULT 'live' CHECK (environment IN ('live', 'test')),
  ADD CONSTRAINT api_keys_test_sets_nothing_up CHECK (environment = 'live' OR NOT 'manage' = ANY (scopes));
GRANT SELECT (environment) ON records.api_keys TO fm_reader;
`;

const FINDING = `
DROP FUNCTION records.find_api_key(text);
CREATE FUNCTION records.find_api_key(hash text)
RETURNS TABLE (id text, account_id text, bot_id text, scopes text[], expires_at timestamptz, revoked_at timestamptz,
  environment text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT k.id, k.account_id, k.bot_id, k.scopes, k.expires_at, k.revoked_at, k.environment
  FROM records.api_keys k WHERE k.secret_hash = hash
$$;
REVOKE ALL ON FUNCTION records.find_api_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.find_api_key TO fm_reader, fm_writer;
`;
