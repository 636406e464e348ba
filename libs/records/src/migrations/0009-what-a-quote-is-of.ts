// Records room. What else a quote promised for: how its job works, with which extras, and by when.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatAQuoteIsOf1763700000020 implements MigrationInterface {
  readonly name = 'WhatAQuoteIsOf1763700000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// A quote of before, which has minutes to live, was made for what its bot usually does.
const COLUMNS = `
ALTER TABLE records.quotes
  ADD COLUMN program text CHECK (program IN ('answer', 'review', 'workspace', 'reported')),
  ADD COLUMN extras jsonb,
  ADD COLUMN deadline timestamptz(3);
UPDATE records.quotes q
SET program = coalesce(b.program, CASE b.type WHEN 'chat' THEN 'answer' ELSE 'review' END), extras = b.extras
FROM records.bots b WHERE b.id = q.bot_id;
DELETE FROM records.quotes WHERE program IS NULL;
ALTER TABLE records.quotes ALTER COLUMN program SET NOT NULL, ALTER COLUMN extras SET NOT NULL;
`;
