// Records room. Plans in dated versions, with what they are sold as; an account is on one version of one plan.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PlanVersions1763700000042 implements MigrationInterface {
  readonly name = 'PlanVersions1763700000042';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TERMS);
    await runner.query(VERSIONS);
    await runner.query(PUBLISHED_FOR_GOOD);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Plans of before were sold to nobody: what they grant and cost comes with the reviewed file of their id, which takes
// them over once more (a row without `body_sha256` has not been published).
const TERMS = `
ALTER TABLE records.plans
  ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
  ADD COLUMN effective_from timestamptz(3) NOT NULL DEFAULT '2026-01-01T00:00:00Z',
  ADD COLUMN scope text NOT NULL DEFAULT 'account' CHECK (scope IN ('account', 'end_user')),
  ADD COLUMN tier integer NOT NULL DEFAULT 0 CHECK (tier >= 0),
  ADD COLUMN custom boolean NOT NULL DEFAULT true,
  ADD COLUMN period_allowance bigint NOT NULL DEFAULT 0 CHECK (period_allowance >= 0),
  ADD COLUMN daily_allowance bigint NOT NULL DEFAULT 0 CHECK (daily_allowance >= 0),
  ADD COLUMN credit_period text NOT NULL DEFAULT 'P1M' CHECK (credit_period ~ '^P(1M|1Y|[0-9]+D|T[0-9]+S)$'),
  ADD COLUMN billing_period text CHECK (billing_period ~ '^P(1M|1Y|[0-9]+D|T[0-9]+S)$'),
  ADD COLUMN price_minor bigint CHECK (price_minor > 0),
  ADD COLUMN currency text CHECK (currency ~ '^[a-z]{3}$'),
  ADD COLUMN team_seats integer NOT NULL DEFAULT 1 CHECK (team_seats > 0),
  ADD COLUMN features text[] NOT NULL DEFAULT '{}',
  ADD CHECK ((price_minor IS NULL) = (currency IS NULL)),
  ADD CHECK (price_minor IS NULL OR billing_period IS NOT NULL),
  ADD CHECK (scope = 'account' OR (daily_allowance = 0 AND team_seats = 1));
UPDATE records.plans SET body_sha256 = NULL;
ALTER TABLE records.plans ALTER COLUMN version DROP DEFAULT, ALTER COLUMN effective_from DROP DEFAULT,
  ALTER COLUMN scope DROP DEFAULT, ALTER COLUMN tier DROP DEFAULT, ALTER COLUMN custom DROP DEFAULT,
  ALTER COLUMN period_allowance DROP DEFAULT, ALTER COLUMN daily_allowance DROP DEFAULT,
  ALTER COLUMN credit_period DROP DEFAULT, ALTER COLUMN team_seats DROP DEFAULT, ALTER COLUMN features DROP DEFAULT;
`;

// Whoever opens an account or moves it without naming a version means the first: later ones come by subscriptions.
const VERSIONS = `
ALTER TABLE records.accounts DROP CONSTRAINT accounts_plan_id_fkey;
ALTER TABLE records.plans DROP CONSTRAINT plans_pkey, ADD PRIMARY KEY (id, version);
ALTER TABLE records.accounts ADD COLUMN plan_version integer NOT NULL DEFAULT 1,
  ADD FOREIGN KEY (plan_id, plan_version) REFERENCES records.plans (id, version);
`;

const PUBLISHED_FOR_GOOD = `
CREATE FUNCTION records.guard_published_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'plan % version % is published and stays as it is', OLD.id, OLD.version;
END $$;
CREATE TRIGGER guard_published BEFORE UPDATE OR DELETE ON records.plans
  FOR EACH ROW WHEN (OLD.body_sha256 IS NOT NULL) EXECUTE FUNCTION records.guard_published_plan();
`;
