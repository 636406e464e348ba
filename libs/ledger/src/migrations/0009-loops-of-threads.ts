// Ledger room. A job finds the earlier ones of its thread, and a loop of ours that cost nothing says so.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LoopsOfThreads1763700000019 implements MigrationInterface {
  readonly name = 'LoopsOfThreads1763700000019';

  async up(runner: QueryRunner): Promise<void> {
    // A thread is the bot's: whoever pays for its jobs, they are found by it.
    await runner.query(
      'CREATE INDEX jobs_of_thread ON ledger.jobs (bot_id, thread_id, ended_at) WHERE thread_id IS NOT NULL',
    );
    await runner.query(ACTIONS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const ACTIONS = `
ALTER TABLE ledger.loop_findings DROP CONSTRAINT loop_findings_action_check,
  ADD CONSTRAINT loop_findings_action_check
    CHECK (action IN ('refunded', 'nothing_to_refund', 'review', 'stopped', 'recorded'));
`;
