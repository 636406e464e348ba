// Ledger room. What a job was asked to keep to, and how many jobs of a scope are open.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class JobLimits1763700000012 implements MigrationInterface {
  readonly name = 'JobLimits1763700000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(JOBS);
    await runner.query(SCOPES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Jobs of before asked for none of it.
const JOBS = `
ALTER TABLE ledger.jobs
  ADD COLUMN context_ref text,
  ADD COLUMN context_bytes integer NOT NULL DEFAULT 0 CHECK (context_bytes >= 0),
  ADD COLUMN context_tokens integer NOT NULL DEFAULT 0 CHECK (context_tokens >= 0),
  ADD COLUMN thread_id text CHECK (length(thread_id) BETWEEN 1 AND 120),
  ADD COLUMN deadline timestamptz(3),
  ADD COLUMN extras jsonb NOT NULL
    DEFAULT '{"explanation":false,"tests":false,"install_notes":false,"file_tree":false,"zip":false}',
  ADD COLUMN reserve text NOT NULL DEFAULT 'rolling' CHECK (reserve IN ('rolling', 'full')),
  ADD CHECK ((context_ref IS NULL) = (context_bytes = 0));
`;

// A figure on the row that every posting locks and writes anyway: counting rows would need an index that each job's end
// has to leave, and would not know of jobs that the same commit admits.
const SCOPES = `
ALTER TABLE ledger.scopes ADD COLUMN open_jobs integer NOT NULL DEFAULT 0 CHECK (open_jobs >= 0);
UPDATE ledger.scopes s SET open_jobs = j.open
  FROM (SELECT scope_id, count(*) AS open FROM ledger.jobs WHERE ended_at IS NULL GROUP BY scope_id) j
  WHERE j.scope_id = s.id;
`;
