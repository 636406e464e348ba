// Records room. Which refund of a payment is told of, and reviews in the books of an account that had the bot before.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RefundsAndReviewsAfterMoves1763700000077 implements MigrationInterface {
  readonly name = 'RefundsAndReviewsAfterMoves1763700000077';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [REFUNDS, OWN_REPORTS, TOLD, WORDS]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Messages come late and out of order: which refund failed before which went back is told by the provider's clock.
const REFUNDS = 'ALTER TABLE records.payment_events ADD COLUMN refund_ref text, ADD COLUMN told_at timestamptz';

// What a visitor reported is in the books of the account in which the thread's jobs are, and is the visitor's own
// wherever the bot is by now.
const OWN_REPORTS = `
CREATE POLICY visitors_own_past ON records.review_cases FOR SELECT TO fm_reader
  USING ((SELECT current_setting('fm.subject', true) LIKE 'vis\\_%')
    AND reporter_id = (SELECT current_setting('fm.subject', true)));
CREATE INDEX review_cases_of_reporter ON records.review_cases (reporter_id, id);
`;

const TOLD = `
CREATE OR REPLACE FUNCTION records.told_in_review(the_case text)
RETURNS TABLE (state text, verdict text, cause text, restored bigint, tips text[], closed_at timestamptz, reasons text,
  guidance text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT c.state, c.verdict, c.cause, c.restored, c.tips, c.closed_at, r.body, g.body
  FROM records.review_cases mine
  JOIN records.review_cases c ON c.id = coalesce(mine.duplicate_of, mine.id)
  LEFT JOIN records.texts r ON r.id = c.reasons_ref
  LEFT JOIN records.texts g ON g.id = c.guidance_ref
  WHERE mine.id = the_case AND mine.reporter_id = current_setting('fm.subject', true)
    AND (mine.account_id = current_setting('fm.account', true) OR mine.reporter_kind = 'visitor')
$$;
`;

// By whoever forgets a visitor: in which accounts there are words of that visitor.
const WORDS = `
CREATE INDEX texts_of_visitors ON records.texts (subject, account_id) WHERE subject LIKE 'vis\\_%';
`;
