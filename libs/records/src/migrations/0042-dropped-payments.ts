// Records room. A payment that was dropped may be paid all the same, with nobody to tell of it: it is looked at as
// well.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DroppedPayments1763700000060 implements MigrationInterface {
  readonly name = 'DroppedPayments1763700000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX records.subscription_payments_to_look_at;
      CREATE INDEX subscription_payments_to_look_at ON records.subscription_payments (look_at)
        WHERE state IN ('open', 'failed', 'dropped') AND look_at IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
