// Ledger room. A change of a row that is not there would pass without a word: the statement that writes counts what it
// found, and nothing of its group is written where something is missing.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatIsChangedIsThere1763700000086 implements MigrationInterface {
  readonly name = 'WhatIsChangedIsThere1763700000086';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION ledger.refuse_missing(missing bigint) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF missing <> 0 THEN
          RAISE EXCEPTION '% rows to be changed are not there', missing USING ERRCODE = 'FM003';
        END IF;
      END $$`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
