// Records room. The files of jobs by reference, and the ZIPs made of them: erasable per subject, walled per tenant.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Workspaces1763700000010 implements MigrationInterface {
  readonly name = 'Workspaces1763700000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A content belongs to one subject of one account: two tenants never share a row, so that one can be erased alone and
// nobody learns from a hash what another has written.
const TABLES = `
CREATE TABLE records.workspace_blobs (
  account_id text NOT NULL,
  subject text NOT NULL,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  body text NOT NULL,
  bytes integer NOT NULL CHECK (bytes >= 0),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, subject, sha256)
);

CREATE TABLE records.workspace_trees (
  job_id text NOT NULL,
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  account_id text NOT NULL,
  subject text NOT NULL,
  entries jsonb NOT NULL CHECK (jsonb_typeof(entries) = 'array'),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (job_id, hash)
);
CREATE INDEX workspace_trees_of_subject ON records.workspace_trees (account_id, subject);

CREATE TABLE records.artefacts (
  id text PRIMARY KEY,
  job_id text NOT NULL UNIQUE,
  account_id text NOT NULL,
  subject text NOT NULL,
  files integer NOT NULL CHECK (files > 0),
  bytes integer NOT NULL CHECK (bytes > 0),
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  body bytea CHECK (octet_length(body) = bytes),
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL CHECK (expires_at > created_at)
);
CREATE INDEX artefacts_of_subject ON records.artefacts (account_id, subject);
CREATE INDEX artefacts_to_sweep ON records.artefacts (expires_at, id) WHERE body IS NOT NULL;
-- A ZIP is packed already: packing it again would only cost time.
ALTER TABLE records.artefacts ALTER COLUMN body SET STORAGE EXTERNAL;
`;

// The writer adds and erases; the one thing it may change is to free the bytes of a ZIP that has expired.
const TABLE_NAMES = ['workspace_blobs', 'workspace_trees', 'artefacts'];
const ACCESS = `
GRANT SELECT, INSERT, DELETE ON ${TABLE_NAMES.map((name) => `records.${name}`).join(', ')} TO fm_writer;
GRANT UPDATE (body) ON records.artefacts TO fm_writer;
GRANT SELECT ON records.artefacts TO fm_reader;
${TABLE_NAMES.map(
  (table) => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);`,
).join('\n')}
CREATE POLICY own_tenant ON records.artefacts FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
`;
