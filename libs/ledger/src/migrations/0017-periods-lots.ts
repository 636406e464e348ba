// Ledger room. Lots of periods: one may be ended before the end that its grant named, and one that is paid late is for
// a period that began before it did.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PeriodsLots1763700000045 implements MigrationInterface {
  readonly name = 'PeriodsLots1763700000045';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LOTS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A lot that was ended lives for no time where it had not begun. What is there already obeyed the stricter rule, so
// nothing is looked through for the wider one.
const LOTS = `
ALTER TABLE ledger.lots ADD COLUMN granted_until timestamptz(3), ADD COLUMN period_start timestamptz(3);
ALTER TABLE ledger.lots DROP CONSTRAINT lots_check;
ALTER TABLE ledger.lots ADD CONSTRAINT lots_end_after_start CHECK (coalesce(granted_until, expires_at) > valid_from)
    NOT VALID,
  ADD CONSTRAINT lots_end_moves_back CHECK (expires_at <= granted_until) NOT VALID,
  ADD CONSTRAINT lots_late_for_period CHECK (period_start <= valid_from) NOT VALID;
`;
