// Ledger room. How many of a scope's open jobs visitors asked for: they take none of the owner's places.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SlotsOfVisitors1763700000037 implements MigrationInterface {
  readonly name = 'SlotsOfVisitors1763700000037';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCOPES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const SCOPES = `
ALTER TABLE ledger.scopes ADD COLUMN visitor_jobs integer NOT NULL DEFAULT 0
  CHECK (visitor_jobs BETWEEN 0 AND open_jobs);
UPDATE ledger.scopes s SET visitor_jobs = j.open
  FROM (SELECT scope_id, count(*) AS open FROM ledger.jobs WHERE ended_at IS NULL AND requester_kind = 'visitor'
    GROUP BY scope_id) j
  WHERE j.scope_id = s.id;
`;
