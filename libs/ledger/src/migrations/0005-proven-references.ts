// Ledger room. References that a group proves by itself are not asked for again, row by row: see decision 0012. The
// auditor checks each of them.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ProvenReferences1763700000007 implements MigrationInterface {
  readonly name = 'ProvenReferences1763700000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const constraint of PROVEN) {
      const [table = ''] = constraint.split(' ');
      await runner.query(`ALTER TABLE ledger.${table} DROP CONSTRAINT ${constraint.replace(' ', '_')}_fkey`);
    }
    // Nothing reads by it, and its predicate made the end of every hold write all indexes of the table anew.
    await runner.query('DROP INDEX ledger.holds_open');
    await runner.query(REFUSE_MOVED_ON);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

/** Of rows that every posting writes. Lots, counters, terms and limits are new seldom and keep theirs. */
const PROVEN = [
  'operations scope_id',
  'holds scope_id',
  'hold_lines hold_id',
  'hold_lines lot_id',
  'hold_counters hold_id',
  'hold_counters counter_id',
  'entries scope_id',
  'entries operation_key',
  'entries lot_id',
  'jobs scope_id',
  'steps job_id',
  'attempts job_id_ordinal',
  'outbox scope_id',
];

// What was decided on a scope that another transaction has written since must not be written.
const REFUSE_MOVED_ON = `
CREATE FUNCTION ledger.refuse_moved_on(scopes bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF scopes > 0 THEN
    RAISE EXCEPTION '% scopes have moved on', scopes USING ERRCODE = 'FM002';
  END IF;
END $$;
`;
