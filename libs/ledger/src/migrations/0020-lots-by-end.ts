// Ledger room. The lots of a scope that can still pay are found by their ends.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LotsByEnd1763700000058 implements MigrationInterface {
  readonly name = 'LotsByEnd1763700000058';

  // A scope whose lots ended with credits in them read them all for each decision until they were booked as lapsed.
  // A lot without an end ends never: one expression, so that one range of the index holds what can pay.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX lots_by_end ON ledger.lots (scope_id, coalesce(expires_at, 'infinity')) WHERE alive;
      DROP INDEX ledger.lots_alive`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
