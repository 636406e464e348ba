// Records room. What staff say of a loop's cause after it was found: each a row of its own, since what was found stays
// as it was; and the one door by which they see the loops of all accounts. And steps that nobody begins, as drift.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LoopReclassifications1763700000074 implements MigrationInterface {
  readonly name = 'LoopReclassifications1763700000074';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(FOR_STAFF);
    await runner.query(ACCESS);
    await runner.query(PASSES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const cause = (column: string): string =>
  `${column} text NOT NULL CHECK (${column} IN ('platform_fault', 'user_fault', 'unclear'))`;

// The first, the second ... of its finding: of two at once one is made again. It is written before its compensation,
// so that whoever asks twice by one key meets here.
const TABLE = `
CREATE TABLE records.loop_reclassifications (
  job_id text NOT NULL,
  finding integer NOT NULL CHECK (finding > 0),
  number integer NOT NULL CHECK (number > 0),
  account_id text NOT NULL,
  ${cause('cause_before')},
  ${cause('cause_after')},
  decided_by text NOT NULL,
  decided_role text NOT NULL CHECK (decided_role IN ('support', 'admin')),
  reason_ref text NOT NULL,
  compensation_id text REFERENCES records.compensations (id) DEFERRABLE INITIALLY DEFERRED,
  key_hash text NOT NULL UNIQUE,
  body_hash text NOT NULL,
  decided_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (job_id, finding, number),
  CHECK (cause_before <> cause_after),
  CHECK (compensation_id IS NULL OR cause_after = 'platform_fault')
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.loop_reclassifications
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change();
`;

// What its repeats were charged, and what of that came back by whichever lane, is in the shares of their steps.
const FOR_STAFF = `
CREATE FUNCTION records.loops_for_staff(the_job text, the_number integer, the_cause text, the_account text,
  last_at timestamptz, last_job text, last_number integer, the_most integer)
RETURNS TABLE (job_id text, number integer, account_id text, scope_id text, has_ended boolean, signal text,
  found_cause text, cause text, action text, found_at_step integer, amount bigint, evidence jsonb,
  found_at timestamptz, charged bigint, refunded bigint, reclassifications jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT f.job_id, f.number, f.account_id, f.scope_id, j.ended_at IS NOT NULL, f.signal, f.cause,
    coalesce(said.cause, f.cause), f.action, f.found_at_step, f.amount, f.evidence, f.found_at,
    repeats.charged::bigint, repeats.refunded::bigint, said.lines
  FROM ledger.loop_findings f JOIN ledger.jobs j ON j.id = f.job_id
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('before', r.cause_before, 'after', r.cause_after,
        'by', r.decided_by, 'role', r.decided_role, 'reason', t.body,
        'at', (extract(epoch FROM r.decided_at) * 1000)::bigint, 'compensationId', r.compensation_id,
        'compensationState', c.state) ORDER BY r.number), '[]') AS lines,
      (array_agg(r.cause_after ORDER BY r.number DESC))[1] AS cause
    FROM records.loop_reclassifications r LEFT JOIN records.texts t ON t.id = r.reason_ref
    LEFT JOIN records.compensations c ON c.id = r.compensation_id
    WHERE r.job_id = f.job_id AND r.finding = f.number
  ) said
  CROSS JOIN LATERAL (
    SELECT coalesce(sum((share ->> 'amount')::bigint), 0) AS charged,
      coalesce(sum((share ->> 'reversed')::bigint), 0) AS refunded
    FROM jsonb_array_elements(coalesce(f.evidence -> 'repeats', '[]')) step
    JOIN ledger.steps s ON s.job_id = step ->> 'jobId' AND s.ordinal = (step ->> 'ordinal')::integer
    CROSS JOIN LATERAL jsonb_array_elements(s.paid_from) share
  ) repeats
  WHERE (SELECT records.is_staff_asking())
    AND (the_job IS NULL OR (f.job_id = the_job AND f.number = the_number))
    AND (the_cause IS NULL OR coalesce(said.cause, f.cause) = the_cause)
    AND (the_account IS NULL OR f.account_id = the_account)
    AND (last_at IS NULL OR (f.found_at, f.job_id, f.number) < (last_at, last_job, last_number))
  ORDER BY f.found_at DESC, f.job_id DESC, f.number DESC LIMIT the_most
$$;
REVOKE ALL ON FUNCTION records.loops_for_staff FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.loops_for_staff TO fm_reader;
`;

// Staff write what they say in their own name, once; owners see that a cause was changed, and not the words of it.
const ACCESS = `
GRANT SELECT ON records.loop_reclassifications TO fm_writer;
GRANT SELECT, INSERT ON records.loop_reclassifications TO fm_reader;
ALTER TABLE records.loop_reclassifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE records.loop_reclassifications FORCE ROW LEVEL SECURITY;
CREATE POLICY all_tenants ON records.loop_reclassifications TO fm_writer, fm_owner USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON records.loop_reclassifications FOR SELECT TO fm_reader
  USING (account_id = current_setting('fm.account', true));
CREATE POLICY for_staff ON records.loop_reclassifications FOR SELECT TO fm_reader
  USING ((SELECT records.is_staff_asking()));
CREATE POLICY said_by_staff ON records.loop_reclassifications FOR INSERT TO fm_reader
  WITH CHECK ((SELECT records.is_staff_asking()) AND 'staff/' || decided_by = current_setting('fm.subject', true));
CREATE POLICY visitors_nothing ON records.loop_reclassifications AS RESTRICTIVE TO fm_reader
  USING ((SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%'));
`;

// A step that nobody begins may be begun, and another one of the same job be stuck later.
const PASSES = `
DROP INDEX records.drift_found_once;
CREATE UNIQUE INDEX drift_found_once ON records.drift (kind, subject)
  WHERE kind NOT IN ('workflow_without_job', 'attempt_open_too_long', 'workflow_tasks_stuck', 'step_not_begun');
`;
