// Records room. What staff asked for stands in its row before its run begins: where Temporal is away just then, or the
// run is lost later, somebody has to look.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AskedForWhileAway1763700000081 implements MigrationInterface {
  readonly name = 'AskedForWhileAway1763700000081';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [COMPENSATIONS, GRANTS]) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A minute is longer than any request waits. Of those of before, too: each may have been lost.
const LOOK_AT = `ADD COLUMN look_at timestamptz(3) NOT NULL DEFAULT clock_timestamp() + interval '1 minute'`;

// A preview that nobody has asked for is looked at by nobody: whoever wants one makes another.
const COMPENSATIONS = `
ALTER TABLE records.compensations ${LOOK_AT};
CREATE INDEX compensations_to_look_at ON records.compensations (look_at)
  WHERE ended_at IS NULL AND reason_ref IS NOT NULL;
`;

const GRANTS = `
ALTER TABLE records.grants ${LOOK_AT};
CREATE INDEX grants_to_look_at ON records.grants (look_at) WHERE state IN ('requested', 'approved', 'posted');
`;
