// Records room. What accounts are told: announcements, the mails of them, and the webhooks that carry them outside.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Announcements1763700000064 implements MigrationInterface {
  readonly name = 'Announcements1763700000064';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [ANNOUNCEMENTS, WEBHOOKS, QUEUED, TOLD, ACCESS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Ids, figures and instants alone: an announcement outlives the words and the addresses of people.
const ANNOUNCEMENTS = `
CREATE TABLE records.announcements (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  seq bigint NOT NULL,
  bot_id text,
  visitor_id text,
  type text NOT NULL,
  about text NOT NULL,
  facts jsonb NOT NULL,
  once_key text,
  mail_to text CHECK (mail_to IN ('owner', 'person', 'address')),
  mail_ref text,
  language text NOT NULL CHECK (language IN ('en', 'de')),
  at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (account_id, seq),
  UNIQUE (account_id, once_key),
  CHECK ((bot_id IS NULL) = (visitor_id IS NULL)),
  CHECK ((mail_to IN ('person', 'address')) = (mail_ref IS NOT NULL))
);
CREATE SEQUENCE records.announcement_seq;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.announcements
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change();
CREATE TABLE records.notice_mails (
  announcement_id text PRIMARY KEY REFERENCES records.announcements (id),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'dropped')),
  tries int NOT NULL DEFAULT 0,
  due_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  problem text,
  sent_at timestamptz(3)
);
CREATE INDEX notice_mails_due ON records.notice_mails (due_at) WHERE state = 'open';
`;

// A secret is kept sealed, so that it can sign and a copy of the database cannot. What a reset is told by is looked at
// for those accounts alone that asked for it.
const WEBHOOKS = `
CREATE TABLE records.webhook_endpoints (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  url text NOT NULL,
  description text NOT NULL,
  event_types text[] NOT NULL CHECK (cardinality(event_types) > 0),
  disabled_reason text CHECK (disabled_reason IN ('by_owner', 'failing', 'gone')),
  disabled_at timestamptz(3),
  failing_since timestamptz(3),
  sending_until timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  told_from timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  deleted_at timestamptz(3),
  CHECK ((disabled_reason IS NULL) = (disabled_at IS NULL))
);
CREATE INDEX webhook_endpoints_of_account ON records.webhook_endpoints (account_id) WHERE deleted_at IS NULL;
CREATE TABLE records.webhook_secrets (
  id text PRIMARY KEY,
  endpoint_id text NOT NULL REFERENCES records.webhook_endpoints (id),
  account_id text NOT NULL,
  sealed text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz(3)
);
CREATE INDEX webhook_secrets_of_endpoint ON records.webhook_secrets (endpoint_id);
CREATE TABLE records.webhook_deliveries (
  endpoint_id text NOT NULL REFERENCES records.webhook_endpoints (id),
  event_id text NOT NULL,
  account_id text NOT NULL,
  seq bigint NOT NULL,
  type text NOT NULL,
  at timestamptz(3) NOT NULL,
  data jsonb NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  tries int NOT NULL DEFAULT 0,
  last_status int,
  last_problem text,
  last_try_at timestamptz(3),
  delivered_at timestamptz(3),
  PRIMARY KEY (endpoint_id, event_id)
);
CREATE SEQUENCE records.webhook_delivery_seq;
CREATE INDEX webhook_deliveries_of_endpoint ON records.webhook_deliveries (endpoint_id, seq);
CREATE INDEX webhook_deliveries_pending ON records.webhook_deliveries (endpoint_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_settled ON records.webhook_deliveries (at) WHERE state <> 'pending';
CREATE TABLE records.reset_watches (
  account_id text PRIMARY KEY REFERENCES records.accounts (id),
  look_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  daily_start timestamptz(3),
  period_start timestamptz(3)
);
CREATE INDEX reset_watches_due ON records.reset_watches (look_at);
`;

// One event for every endpoint of the account that asked for its type and was there already; once, however often it is
// queued. The lock makes the order of the numbers that of the commits, so that whoever goes on from one misses none.
const QUEUED = `
CREATE FUNCTION records.queue_webhook(the_account text, the_event text, the_type text, the_at timestamptz,
  the_data jsonb, only_at text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE the_endpoint text;
BEGIN
  IF NOT EXISTS (SELECT FROM records.webhook_endpoints e WHERE e.account_id = the_account AND e.deleted_at IS NULL
    AND e.disabled_at IS NULL) THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('announce/' || the_account, 0));
  FOR the_endpoint IN
    INSERT INTO records.webhook_deliveries (endpoint_id, event_id, account_id, seq, type, at, data)
    SELECT e.id, the_event, the_account, nextval('records.webhook_delivery_seq'), the_type, the_at, the_data
    FROM records.webhook_endpoints e WHERE e.account_id = the_account AND e.deleted_at IS NULL
      AND e.disabled_at IS NULL AND CASE WHEN only_at IS NULL
        THEN the_type = ANY (e.event_types) AND e.told_from <= the_at ELSE e.id = only_at END
    ON CONFLICT (endpoint_id, event_id) DO NOTHING RETURNING endpoint_id
  LOOP
    PERFORM pg_notify('fairmeter_webhooks', the_account || '/' || the_endpoint);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION records.queue_webhook FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.queue_webhook TO fm_writer;
`;

// An announcement is numbered, queued and posted with the row itself: nothing has to come after it.
const TOLD = `
CREATE FUNCTION records.number_announcement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('announce/' || NEW.account_id, 0));
  NEW.seq := nextval('records.announcement_seq');
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION records.number_announcement FROM PUBLIC;
CREATE TRIGGER number_announcement BEFORE INSERT ON records.announcements FOR EACH ROW
  EXECUTE FUNCTION records.number_announcement();
CREATE FUNCTION records.tell_announcement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM records.queue_webhook(NEW.account_id, NEW.id, NEW.type, NEW.at, NEW.facts || jsonb_build_object(
    'account_id', NEW.account_id, 'about', NEW.about) || CASE WHEN NEW.bot_id IS NULL THEN '{}'::jsonb
    ELSE jsonb_build_object('bot_id', NEW.bot_id, 'visitor_id', NEW.visitor_id) END,
    CASE WHEN NEW.type = 'webhook.test' THEN NEW.about END);
  IF NEW.mail_to IS NOT NULL THEN
    INSERT INTO records.notice_mails (announcement_id) VALUES (NEW.id);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION records.tell_announcement FROM PUBLIC;
CREATE TRIGGER tell_announcement AFTER INSERT ON records.announcements FOR EACH ROW
  EXECUTE FUNCTION records.tell_announcement();
`;

const MINE = `account_id = current_setting('fm.account', true)`;
const SUBJECT = `(SELECT current_setting('fm.subject', true))`;
const NO_VISITOR = `(SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')`;

const walled = (table: string): string => `
ALTER TABLE records.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.${table} TO fm_writer, fm_owner USING (true) WITH CHECK (true);`;

const ownersAlone = (table: string): string => `${walled(table)}
CREATE POLICY own_tenant ON records.${table} TO fm_reader USING (${MINE}) WITH CHECK (${MINE});
CREATE POLICY visitors_nothing ON records.${table} AS RESTRICTIVE TO fm_reader
  USING (${NO_VISITOR}) WITH CHECK (${NO_VISITOR});`;

// The API never sees a secret that it kept: only the writer unseals one, to sign. What was tried is the writer's to
// note; the owner may only ask for it once more.
const ACCESS = `
GRANT SELECT, INSERT ON records.announcements TO fm_writer, fm_reader;
${walled('announcements')}
CREATE POLICY own_tenant ON records.announcements TO fm_reader USING (${MINE}) WITH CHECK (${MINE});
CREATE POLICY visitors_own ON records.announcements AS RESTRICTIVE FOR SELECT TO fm_reader
  USING (${NO_VISITOR} OR visitor_id = ${SUBJECT});
CREATE POLICY visitors_say_their_own ON records.announcements AS RESTRICTIVE FOR INSERT TO fm_reader
  WITH CHECK (${NO_VISITOR} OR visitor_id = ${SUBJECT});

GRANT SELECT, INSERT, UPDATE ON records.notice_mails TO fm_writer;
${walled('notice_mails')}

GRANT SELECT, INSERT, UPDATE ON records.webhook_endpoints TO fm_writer;
GRANT SELECT, INSERT (id, account_id, url, description, event_types),
  UPDATE (url, description, event_types, disabled_reason, disabled_at, told_from, deleted_at)
  ON records.webhook_endpoints TO fm_reader;
${ownersAlone('webhook_endpoints')}

GRANT SELECT ON records.webhook_secrets TO fm_writer;
GRANT SELECT (id, endpoint_id, account_id, created_at, expires_at),
  INSERT (id, endpoint_id, account_id, sealed), UPDATE (expires_at) ON records.webhook_secrets TO fm_reader;
${ownersAlone('webhook_secrets')}

GRANT SELECT, INSERT, UPDATE, DELETE ON records.webhook_deliveries TO fm_writer;
GRANT SELECT, UPDATE (state) ON records.webhook_deliveries TO fm_reader;
GRANT USAGE ON SEQUENCE records.webhook_delivery_seq TO fm_writer;
${ownersAlone('webhook_deliveries')}

GRANT SELECT, INSERT, UPDATE, DELETE ON records.reset_watches TO fm_writer;
GRANT SELECT, INSERT (account_id), UPDATE (look_at) ON records.reset_watches TO fm_reader;
${ownersAlone('reset_watches')}
`;
