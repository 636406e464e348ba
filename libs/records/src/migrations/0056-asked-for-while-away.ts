// Records room. What staff asked for stands in its row before its run begins: where Temporal is away just then, or the
// run is lost later, somebody has to look.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AskedForWhileAway1763700000081 implements MigrationInterface {
  readonly name = 'AskedForWhileAway1763700000081';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [COMPENSATIONS, GRANTS]) await runner.query(statements);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A minute is longer than any request waits. What was asked for before and let through by nobody is never due: it was
// answered that its end is unknown, and whoever wanted it has long asked anew, by another key. As ever it begins where
// it is asked for by its own key again, or decided on. What was let through and is not done lacks nothing but its run.
const lookAt = (table: string, isDueOfBefore: string): string => `
ALTER TABLE records.${table} ADD COLUMN look_at timestamptz(3) NOT NULL DEFAULT 'infinity';
ALTER TABLE records.${table} ALTER COLUMN look_at SET DEFAULT clock_timestamp() + interval '1 minute';
UPDATE records.${table} SET look_at = DEFAULT WHERE ${isDueOfBefore};
`;

// A preview that nobody has asked for is looked at by nobody: whoever wants one makes another. One of before may still
// be asked for, and is as good as a new one then.
const COMPENSATIONS = `
${lookAt('compensations', "state = 'approved' OR ended_at IS NULL AND reason_ref IS NULL")}
CREATE INDEX compensations_to_look_at ON records.compensations (look_at)
  WHERE ended_at IS NULL AND reason_ref IS NOT NULL;
`;

// What was posted was told with it: none stays in between.
const GRANTS = `
${lookAt('grants', "state = 'approved'")}
CREATE INDEX grants_to_look_at ON records.grants (look_at) WHERE state IN ('requested', 'approved', 'posted');
`;
