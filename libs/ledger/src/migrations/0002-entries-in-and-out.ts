// Ledger room. What came into a lot and what left it unspent is read for every lot of a listing; a lot that works has
// millions of other entries between them. Partial, so that holds and captures pay nothing for it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EntriesInAndOut1763700000004 implements MigrationInterface {
  readonly name = 'EntriesInAndOut1763700000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX entries_in_and_out ON ledger.entries (lot_id, scope_seq)
       WHERE from_account LIKE 'issued:%' OR to_account IN ('lapsed', 'clawed_back')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
