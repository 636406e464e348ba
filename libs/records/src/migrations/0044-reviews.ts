// Records room. Usage reviews: what was reported, what was found, what was decided and what came back.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reviews1763700000063 implements MigrationInterface {
  readonly name = 'Reviews1763700000063';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(TOLD);
    await runner.query(VIEW);
    await runner.query(FOR_STAFF);
    await runner.query(OF_A_THREAD);
    await runner.query(BEFORE_THE_TENANT);
    await runner.query(ACCESS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Words stand in the texts: the report and new facts under its reporter, reasons and advice under the staff who wrote
// them. A thread has one case that is open; those that are reported beside it name it. A mail may name none. From
// `look_at` on its run may be lost: by then it should have done something.
const TABLE = `
CREATE TABLE records.review_cases (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES records.accounts (id),
  bot_id text,
  thread_id text,
  job_id text,
  somebody text,
  channel text NOT NULL CHECK (channel IN ('form', 'mail', 'platform')),
  reporter_kind text NOT NULL CHECK (reporter_kind IN ('person', 'visitor', 'platform')),
  reporter_id text,
  words_ref text,
  missing text[] NOT NULL DEFAULT '{}',
  state text NOT NULL CHECK (state IN ('submitted', 'needs_info', 'analysing', 'confirmed', 'partly_confirmed',
    'not_confirmed', 'granting', 'notified', 'guided', 'closed', 'closed_not_confirmed', 'closed_stale', 'reopened',
    'duplicate')),
  duplicate_of text REFERENCES records.review_cases (id),
  target_at timestamptz(3),
  due_at timestamptz(3),
  paused_at timestamptz(3),
  info_until timestamptz(3),
  target_passed_at timestamptz(3),
  breached_at timestamptz(3),
  measured jsonb,
  analysis jsonb,
  verdict text CHECK (verdict IN ('confirmed', 'partly_confirmed', 'not_confirmed')),
  cause text CHECK (cause IN ('bug_repeats', 'build_failures', 'system_errors', 'abnormal_ai', 'none')),
  picked jsonb NOT NULL DEFAULT '[]',
  restorable bigint CHECK (restorable >= 0),
  restored bigint NOT NULL DEFAULT 0 CHECK (restored >= 0),
  decided_by text,
  decided_at timestamptz(3),
  decided_hash text,
  approved_by text CHECK (approved_by <> decided_by),
  reasons_ref text,
  tips text[] NOT NULL DEFAULT '{}',
  guidance_ref text,
  facts_ref text,
  closed_at timestamptz(3),
  reopened_at timestamptz(3),
  look_at timestamptz(3),
  key_hash text NOT NULL UNIQUE,
  body_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK ((state = 'duplicate') = (duplicate_of IS NOT NULL)),
  CHECK ((reporter_kind = 'platform') = (reporter_id IS NULL)),
  CHECK (bot_id IS NULL OR thread_id IS NOT NULL OR job_id IS NOT NULL),
  CHECK (state NOT IN ('notified', 'closed') OR verdict IN ('confirmed', 'partly_confirmed'))
);
CREATE UNIQUE INDEX review_cases_open ON records.review_cases
  (bot_id, coalesce(thread_id, job_id), coalesce(somebody, ''), account_id)
  WHERE bot_id IS NOT NULL AND duplicate_of IS NULL AND closed_at IS NULL AND reopened_at IS NULL;
CREATE INDEX review_cases_of_account ON records.review_cases (account_id, id);
CREATE INDEX review_cases_of_thread ON records.review_cases (bot_id, coalesce(thread_id, job_id));
CREATE INDEX review_cases_beside ON records.review_cases (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX review_cases_under_way ON records.review_cases (state, id) WHERE closed_at IS NULL;
CREATE INDEX review_cases_to_look_at ON records.review_cases (look_at) WHERE look_at IS NOT NULL;
`;

// Whoever reported reads what the staff wrote for them, which is nobody's text of their own, and learns how the case
// goes that stands for theirs, which may be of somebody else: its outcome, and no word of its report.
const TOLD = `
CREATE FUNCTION records.told_in_review(the_case text)
RETURNS TABLE (state text, verdict text, cause text, restored bigint, tips text[], closed_at timestamptz, reasons text,
  guidance text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT c.state, c.verdict, c.cause, c.restored, c.tips, c.closed_at, r.body, g.body
  FROM records.review_cases mine
  JOIN records.review_cases c ON c.id = coalesce(mine.duplicate_of, mine.id)
  LEFT JOIN records.texts r ON r.id = c.reasons_ref
  LEFT JOIN records.texts g ON g.id = c.guidance_ref
  WHERE mine.id = the_case AND mine.account_id = current_setting('fm.account', true)
    AND mine.reporter_id = current_setting('fm.subject', true)
$$;
REVOKE ALL ON FUNCTION records.told_in_review FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.told_in_review TO fm_reader, fm_writer;
`;

// With the words, as far as whoever asks may read those texts or they were written for them.
const VIEW = `
CREATE VIEW records.review_views WITH (security_invoker = true) AS
  SELECT c.*, w.body AS words, coalesce(r.body, t.reasons) AS reasons, coalesce(g.body, t.guidance) AS guidance,
    f.body AS facts, t.state AS first_state, t.verdict AS first_verdict, t.cause AS first_cause,
    t.restored AS first_restored, t.tips AS first_tips, t.closed_at AS first_closed_at
  FROM records.review_cases c
  LEFT JOIN records.texts w ON w.id = c.words_ref
  LEFT JOIN records.texts r ON r.id = c.reasons_ref
  LEFT JOIN records.texts g ON g.id = c.guidance_ref
  LEFT JOIN records.texts f ON f.id = c.facts_ref
  LEFT JOIN LATERAL records.told_in_review(c.id) t ON true;
`;

const FOR_STAFF = `
CREATE FUNCTION records.reviews_for_staff(the_id text, the_state text, overdue_alone boolean, the_last text,
  the_most integer)
RETURNS SETOF records.review_views
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT v.* FROM records.review_views v
  WHERE (SELECT records.is_staff_asking()) AND (the_id IS NULL OR v.id = the_id)
    AND (the_state IS NULL OR v.state = the_state) AND (the_last IS NULL OR v.id < the_last)
    AND (NOT overdue_alone OR v.closed_at IS NULL AND v.breached_at IS NOT NULL)
  ORDER BY v.id DESC LIMIT the_most
$$;
REVOKE ALL ON FUNCTION records.reviews_for_staff FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.reviews_for_staff TO fm_reader;
`;

// A visitor sees own reports alone, and a thread has one open case, whoever reported it: that one is named, no more.
const OF_A_THREAD = `
CREATE FUNCTION records.open_review_of_thread(the_bot text, the_thread text, the_somebody text)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT c.id FROM records.review_cases c
  WHERE c.account_id = current_setting('fm.account', true) AND c.bot_id = the_bot
    AND coalesce(c.thread_id, c.job_id) = the_thread AND c.somebody IS NOT DISTINCT FROM the_somebody
    AND c.duplicate_of IS NULL AND c.closed_at IS NULL
    AND (current_setting('fm.subject', true) NOT LIKE 'vis\\_%'
      OR the_somebody = current_setting('fm.subject', true))
  ORDER BY c.id DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION records.open_review_of_thread FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.open_review_of_thread TO fm_reader;
`;

// A mail names addresses and no account. An address is one that an issuer has verified.
const BEFORE_THE_TENANT = `
CREATE FUNCTION records.accounts_of_address(the_address text)
RETURNS TABLE (user_id text, account_id text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, m.account_id, m.role FROM records.users u
  JOIN records.memberships m ON m.user_id = u.id AND m.removed_at IS NULL
  WHERE lower(u.email) = lower(the_address) AND u.erased_at IS NULL
  ORDER BY m.role DESC, m.account_id LIMIT 20
$$;
REVOKE ALL ON FUNCTION records.accounts_of_address FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.accounts_of_address TO fm_reader;
CREATE INDEX users_by_email ON records.users (lower(email)) WHERE email IS NOT NULL;
`;

// Reported in the account's own transaction, by whoever reports; all that follows is the writer's.
const ACCESS = `
GRANT SELECT, INSERT, UPDATE ON records.review_cases TO fm_writer;
GRANT SELECT, INSERT ON records.review_cases TO fm_reader;
GRANT SELECT ON records.review_views TO fm_writer, fm_reader;
ALTER TABLE records.review_cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.review_cases FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.review_cases TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.review_cases FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY visitors_own ON records.review_cases AS RESTRICTIVE FOR SELECT TO fm_reader
  USING ((SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')
    OR reporter_id = (SELECT current_setting('fm.subject', true)));
CREATE POLICY own_report ON records.review_cases FOR INSERT TO fm_reader
  WITH CHECK (account_id = current_setting('fm.account', true) AND reporter_id = current_setting('fm.subject', true)
    AND channel IN ('form', 'mail') AND state IN ('submitted', 'needs_info', 'duplicate') AND verdict IS NULL
    AND measured IS NULL AND analysis IS NULL AND restorable IS NULL AND restored = 0 AND approved_by IS NULL);
`;
