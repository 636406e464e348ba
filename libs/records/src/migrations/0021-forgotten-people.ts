// Records room. People can be forgotten: what names them goes, and nothing is written under their id from then on. What
// came of the requests of a person is that person's own, as the request is.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ForgottenPeople1763700000035 implements MigrationInterface {
  readonly name = 'ForgottenPeople1763700000035';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [PEOPLE, ERASED_STAYS_ERASED, ANSWERS_OF_PEOPLE, INVITATIONS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const PEOPLE = `
ALTER TABLE records.users ADD COLUMN erased_at timestamptz(3);
CREATE INDEX memberships_ever_of_user ON records.memberships (user_id);
DROP INDEX records.memberships_of_user;
-- What an issuer says may come from a request that was on its way.
CREATE OR REPLACE FUNCTION records.note_person(the_user text, the_email text, the_name text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE records.users u SET email = coalesce(the_email, u.email), name = coalesce(the_name, u.name)
  WHERE u.id = the_user AND u.issuer <> ''
$$;
`;

// As for visitors: the row of the person is the gate, an erasure waits for writes under way, and what comes after it is
// dropped.
const TABLES_OF_A_SUBJECT = ['texts', 'workspace_blobs', 'workspace_trees', 'artefacts', 'unpacked_jobs'];
const ERASED_STAYS_ERASED = `
CREATE FUNCTION records.drop_of_erased_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  erased boolean;
BEGIN
  SELECT u.erased_at IS NOT NULL INTO erased FROM records.users u WHERE u.id = NEW.subject FOR SHARE;
  IF erased THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
${TABLES_OF_A_SUBJECT.map(
  (table) => `CREATE TRIGGER drop_of_erased_person BEFORE INSERT ON records.${table}
  FOR EACH ROW WHEN (NEW.subject LIKE 'usr\\_%') EXECUTE FUNCTION records.drop_of_erased_person();`,
).join('\n')}
`;

// Answers and files of people's jobs were kept as the bot's. A content may be of several jobs: it is copied.
const BY_PERSON = `j.requester_kind = 'person' AND j.requester_id IS NOT NULL`;
const ANSWERS_OF_PEOPLE = `
UPDATE records.texts t SET subject = j.requester_id FROM ledger.steps s JOIN ledger.jobs j ON j.id = s.job_id
WHERE ${BY_PERSON} AND t.id = s.result_ref;
INSERT INTO records.workspace_blobs (account_id, subject, sha256, body, bytes)
SELECT DISTINCT b.account_id, j.requester_id, b.sha256, b.body, b.bytes
FROM records.workspace_trees t JOIN ledger.jobs j ON j.id = t.job_id AND ${BY_PERSON}
CROSS JOIN LATERAL jsonb_array_elements(t.entries) e
JOIN records.workspace_blobs b ON b.account_id = t.account_id AND b.subject = t.subject AND b.sha256 = e ->> 'sha256'
ON CONFLICT (account_id, subject, sha256) DO NOTHING;
${['workspace_trees', 'artefacts', 'unpacked_jobs']
  .map(
    (table) => `UPDATE records.${table} t SET subject = j.requester_id FROM ledger.jobs j
WHERE j.id = t.job_id AND ${BY_PERSON};`,
  )
  .join('\n')}
`;

// Found by what is over and still has an address, and by an address that is to be forgotten.
const INVITATIONS = `
CREATE INDEX invitations_to_sweep ON records.invitations (expires_at) WHERE ended_at IS NULL;
CREATE INDEX invitations_by_address ON records.invitations (lower(email)) WHERE email IS NOT NULL;
`;
