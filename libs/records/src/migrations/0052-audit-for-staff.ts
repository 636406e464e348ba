// Records room. The audit as staff look through it: of every account, and what belongs to none.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditForStaff1763700000076 implements MigrationInterface {
  readonly name = 'AuditForStaff1763700000076';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(INDEXES);
    await runner.query(FOR_STAFF);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const INDEXES = `
CREATE INDEX audit_of_actor ON records.audit (actor_id, id);
CREATE INDEX audit_of_action ON records.audit (action, id);
CREATE INDEX audit_of_target ON records.audit (target_id, id);
`;

// Whose lines it shows is asked of the database itself. Reasons are somebody's words: those of the staff are shown to
// the staff, what others wrote is theirs and their account's. Each question is planned for what it asks, since the
// filters that are left out would else be planned for as well.
const FOR_STAFF = `
CREATE FUNCTION records.audit_for_staff(the_account text, the_actor text, the_action text, the_target text,
  the_last text, the_most integer)
RETURNS TABLE (id text, account_id text, at timestamptz, actor_role text, actor_id text, action text, target_id text,
  reason text, before jsonb, after jsonb, request_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  IF NOT coalesce(records.is_staff_asking(), false) THEN RETURN; END IF;
  RETURN QUERY SELECT a.id, a.account_id, a.at::timestamptz, a.actor_role, a.actor_id, a.action, a.target_id,
      CASE WHEN a.actor_role IN ('support', 'admin') THEN t.body END, a.before, a.after, a.request_id
    FROM records.audit a LEFT JOIN records.texts t ON t.id = a.reason_ref
    WHERE (the_account IS NULL OR a.account_id = the_account) AND (the_actor IS NULL OR a.actor_id = the_actor)
      AND (the_action IS NULL OR a.action = the_action) AND (the_target IS NULL OR a.target_id = the_target)
      AND (the_last IS NULL OR a.id < the_last)
    ORDER BY a.id DESC LIMIT the_most;
END
$$;
REVOKE ALL ON FUNCTION records.audit_for_staff FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.audit_for_staff TO fm_reader;
`;
