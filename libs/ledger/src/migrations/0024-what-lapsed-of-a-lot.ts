// Ledger room. A lot knows how much of it ended unused: a chargeback owes what was spent, and not what nobody used.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatLapsedOfALot1763700000070 implements MigrationInterface {
  readonly name = 'WhatLapsedOfALot1763700000070';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE ledger.lots ADD COLUMN lapsed bigint NOT NULL DEFAULT 0 CHECK (lapsed >= 0);
      UPDATE ledger.lots l SET lapsed = e.lapsed
      FROM (SELECT lot_id, sum(amount) AS lapsed FROM ledger.entries WHERE to_account = 'lapsed' GROUP BY lot_id) e
      WHERE e.lot_id = l.id;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
