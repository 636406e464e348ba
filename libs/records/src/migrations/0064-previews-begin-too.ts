// Records room. A preview of a compensation that was asked for while Temporal was away begins by itself, as
// compensations do.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PreviewsBeginToo1763700000090 implements MigrationInterface {
  readonly name = 'PreviewsBeginToo1763700000090';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LOOKED_FOR);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// What sweeps come upon: with a reason somebody wants the credits, without one it is looked at and nothing moves.
const LOOKED_FOR = `
DROP INDEX records.compensations_to_look_at;
CREATE INDEX compensations_to_look_at ON records.compensations (look_at)
  WHERE ended_at IS NULL AND (reason_ref IS NOT NULL OR state = 'previewing');
`;
