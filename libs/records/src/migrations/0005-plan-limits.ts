// Records room. What a plan allows one job, what an owner has lowered of it for a bot, and which extras a bot brings.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PlanLimits1763700000014 implements MigrationInterface {
  readonly name = 'PlanLimits1763700000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PLANS);
    await runner.query(BOTS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Plans of before limited none of it and still do not, until a reviewed file of their id is published: `body_sha256`
// says which one was. A new plan says everything itself.
const PLANS = `
ALTER TABLE records.plans
  ADD COLUMN max_context_tokens integer NOT NULL DEFAULT 2147483647 CHECK (max_context_tokens > 0),
  ADD COLUMN max_credits bigint NOT NULL DEFAULT 9223372036854775807 CHECK (max_credits > 0),
  ADD COLUMN max_deadline_ms bigint NOT NULL DEFAULT 31622400000 CHECK (max_deadline_ms > 0),
  ADD COLUMN model_tiers text[] NOT NULL DEFAULT '{standard,premium}'
    CHECK (model_tiers <@ '{standard,premium}'::text[]),
  ADD COLUMN model_names text[] NOT NULL DEFAULT '{}',
  ADD COLUMN artefacts_allowed boolean NOT NULL DEFAULT true,
  ADD COLUMN artefact_max_files integer NOT NULL DEFAULT 2000 CHECK (artefact_max_files >= 0),
  ADD COLUMN artefact_max_bytes bigint NOT NULL DEFAULT 16777216 CHECK (artefact_max_bytes >= 0),
  ADD COLUMN body_sha256 text,
  ADD CHECK (cardinality(model_tiers) + cardinality(model_names) > 0),
  ADD CHECK (NOT artefacts_allowed OR (artefact_max_files > 0 AND artefact_max_bytes > 0));
ALTER TABLE records.plans ALTER COLUMN max_context_tokens DROP DEFAULT, ALTER COLUMN max_credits DROP DEFAULT,
  ALTER COLUMN max_deadline_ms DROP DEFAULT, ALTER COLUMN model_tiers DROP DEFAULT,
  ALTER COLUMN model_names DROP DEFAULT, ALTER COLUMN artefacts_allowed DROP DEFAULT,
  ALTER COLUMN artefact_max_files DROP DEFAULT, ALTER COLUMN artefact_max_bytes DROP DEFAULT;
`;

const BOTS = `
ALTER TABLE records.bots
  ADD COLUMN extras jsonb NOT NULL
    DEFAULT '{"explanation":true,"tests":true,"install_notes":true,"file_tree":true,"zip":true}',
  ADD COLUMN max_iterations integer CHECK (max_iterations > 0),
  ADD COLUMN max_context_tokens integer CHECK (max_context_tokens > 0),
  ADD COLUMN max_credits bigint CHECK (max_credits > 0),
  ADD COLUMN max_deadline_ms bigint CHECK (max_deadline_ms > 0),
  ADD COLUMN models text[],
  ADD COLUMN artefacts boolean;
`;
