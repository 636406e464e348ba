// Ledger room. What was found of loops and what was told stay like every other line: their owner cannot empty them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NothingIsEmptied1763700000078 implements MigrationInterface {
  readonly name = 'NothingIsEmptied1763700000078';

  // The findings were guarded row by row, and TRUNCATE knows no rows; the outbox was guarded by its grants alone.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER loop_findings_append_only ON ledger.loop_findings');
    for (const table of ['loop_findings', 'outbox']) {
      await runner.query(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.${table}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()`);
    }
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
