// Records room. Visitors of bots: who they are without their name, which jobs are theirs, and how fast they may ask. A
// second wall stands around each of them: as the subject of a transaction a visitor sees nothing of anybody else.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Visitors1763700000030 implements MigrationInterface {
  readonly name = 'Visitors1763700000030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(BEFORE_THE_TENANT);
    await runner.query(ERASED_STAYS_ERASED);
    await runner.query(ACCESS);
    await runner.query(OWN_USE_ONLY);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Of the name under which the owner knows a visitor there is a hash alone, and after an erasure not even that: whoever
// comes back under it is somebody new. Rates are worth a minute, so a crash may lose them.
const TABLES = `
CREATE TABLE records.visitors (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  bot_id text NOT NULL REFERENCES records.bots (id),
  ref_hash text CHECK (ref_hash ~ '^[0-9a-f]{64}$'),
  pseudonym text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  deleted_at timestamptz(3),
  erased_at timestamptz(3) CHECK (erased_at >= deleted_at),
  UNIQUE (bot_id, ref_hash),
  CHECK (deleted_at IS NULL OR ref_hash IS NULL)
);
CREATE INDEX visitors_of_bot ON records.visitors (bot_id, id DESC);

CREATE TABLE records.visitor_jobs (
  key_hash text PRIMARY KEY,
  account_id text NOT NULL,
  bot_id text NOT NULL,
  visitor_id text NOT NULL REFERENCES records.visitors (id),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX jobs_of_visitor ON records.visitor_jobs (visitor_id, created_at DESC);

CREATE UNLOGGED TABLE records.rates (
  name text PRIMARY KEY,
  free_at timestamptz NOT NULL
) WITH (fillfactor = 50);
`;

// One row per name says when it would have used up nothing: asking moves that by one share, as far as a burst reaches.
const BEFORE_THE_TENANT = `
CREATE FUNCTION records.find_visitor(visitor text)
RETURNS TABLE (account_id text, bot_id text, deleted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT v.account_id, v.bot_id, v.deleted_at FROM records.visitors v WHERE v.id = visitor
$$;
REVOKE ALL ON FUNCTION records.find_visitor FROM PUBLIC;

CREATE FUNCTION records.take_rate(who text, per_minute integer) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  now_at timestamptz := clock_timestamp();
  share interval := interval '1 minute' / per_minute;
  until timestamptz;
BEGIN
  INSERT INTO records.rates AS r (name, free_at) VALUES (who, now_at + share)
  ON CONFLICT (name) DO UPDATE SET free_at = greatest(r.free_at, now_at) + share
    WHERE greatest(r.free_at, now_at) + share <= now_at + interval '1 minute';
  IF FOUND THEN RETURN 0; END IF;
  SELECT r.free_at INTO until FROM records.rates r WHERE r.name = who;
  RETURN greatest(0.001, extract(epoch FROM until + share - interval '1 minute' - now_at));
END $$;
REVOKE ALL ON FUNCTION records.take_rate FROM PUBLIC;
`;

// A worker may still write an answer when its visitor has gone. The row of the visitor is the gate: an erasure waits
// for writes under way, and what comes after it is dropped.
const TABLES_OF_A_SUBJECT = ['texts', 'workspace_blobs', 'workspace_trees', 'artefacts', 'unpacked_jobs'];
const ERASED_STAYS_ERASED = `
CREATE FUNCTION records.drop_of_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  erased boolean;
BEGIN
  SELECT v.erased_at IS NOT NULL INTO erased FROM records.visitors v WHERE v.id = NEW.subject FOR SHARE;
  IF erased THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
${TABLES_OF_A_SUBJECT.map(
  (table) => `CREATE TRIGGER drop_of_erased BEFORE INSERT ON records.${table}
  FOR EACH ROW WHEN (NEW.subject LIKE 'vis\\_%') EXECUTE FUNCTION records.drop_of_erased();`,
).join('\n')}
`;

const OWN_ACCOUNT = `account_id = current_setting('fm.account', true)`;
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.visitors TO fm_writer;
GRANT SELECT, INSERT ON records.visitor_jobs TO fm_writer;
GRANT SELECT, DELETE ON records.rates TO fm_writer;
GRANT SELECT, INSERT ON records.visitors, records.visitor_jobs TO fm_reader;
GRANT EXECUTE ON FUNCTION records.find_visitor, records.take_rate TO fm_reader;
${['visitors', 'visitor_jobs']
  .map(
    (table) => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.${table} FOR SELECT TO fm_reader USING (${OWN_ACCOUNT});
CREATE POLICY own_tenant_adds ON records.${table} FOR INSERT TO fm_reader WITH CHECK (${OWN_ACCOUNT});`,
  )
  .join('\n')}
`;

// Restrictive: they take away from what the policies of the tenant allow, and only where the subject is a visitor.
// Asked once for each statement, so everybody else pays nothing for each row.
const SUBJECT = `(SELECT current_setting('fm.subject', true))`;
const NO_VISITOR = `(SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')`;
const onlyWhere = (table: string, own: string): string => `
CREATE POLICY visitors_own_use ON ${table} AS RESTRICTIVE FOR SELECT TO fm_reader USING (${NO_VISITOR} OR ${own});`;

const OWN_USE_ONLY = `
${TABLES_OF_A_SUBJECT.map((table) => onlyWhere(`records.${table}`, `subject = ${SUBJECT}`)).join('')}
${onlyWhere('records.visitors', `id = ${SUBJECT}`)}
${onlyWhere('records.visitor_jobs', `visitor_id = ${SUBJECT}`)}
${onlyWhere('records.audit', `actor_id = ${SUBJECT}`)}
CREATE POLICY visitors_add_none ON records.visitors AS RESTRICTIVE FOR INSERT TO fm_reader WITH CHECK (${NO_VISITOR});
CREATE POLICY visitors_own_jobs ON records.visitor_jobs AS RESTRICTIVE FOR INSERT TO fm_reader
  WITH CHECK (visitor_id = ${SUBJECT});
${onlyWhere(
  'ledger.jobs',
  'EXISTS (SELECT FROM records.visitor_jobs v WHERE v.key_hash = jobs.key_hash AND v.bot_id = jobs.bot_id)',
)}
${['steps', 'attempts', 'outbox']
  .map((table) => onlyWhere(`ledger.${table}`, `EXISTS (SELECT FROM ledger.jobs j WHERE j.id = ${table}.job_id)`))
  .join('')}
`;
