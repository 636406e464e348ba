// Ledger room. Who asked for a job and by which rule it is paid; jobs of before were the account's own.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payers1763700000029 implements MigrationInterface {
  readonly name = 'Payers1763700000029';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(JOBS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Which key asked was not kept before, so there is none to tell.
const JOBS = `
ALTER TABLE ledger.jobs
  ADD COLUMN requester_kind text NOT NULL DEFAULT 'account'
    CHECK (requester_kind IN ('bot', 'account', 'person', 'visitor')),
  ADD COLUMN requester_id text CHECK (length(requester_id) BETWEEN 1 AND 120),
  ADD COLUMN funding text NOT NULL DEFAULT 'owner'
    CHECK (funding IN ('owner', 'training', 'free_visitor', 'campaign', 'end_user', 'business_direct')),
  ADD COLUMN marker text CHECK (marker IN ('training', 'test')),
  ADD COLUMN campaign_id text CHECK (length(campaign_id) BETWEEN 1 AND 120);
UPDATE ledger.jobs j SET funding = h.funding FROM ledger.holds h WHERE h.job_id = j.id AND h.funding <> 'owner';
CREATE INDEX jobs_of_requester ON ledger.jobs (requester_id, id DESC) WHERE requester_id IS NOT NULL;
`;
