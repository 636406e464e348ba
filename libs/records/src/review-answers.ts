// Records room. What a usage review has heard, each once: mails as answers, and words by their names.
import type { EntityManager } from 'typeorm';

/** Of more words at once than this none can be under way, and of mails fewer are heard. */
const KEPT = 200;

/** With what becomes of the case by it. False where it was noted before, whether or not anybody heard of that. */
export async function noteHeardInReview(
  tx: EntityManager,
  id: string,
  { what, key }: { readonly what: 'heard_mails' | 'heard_words'; readonly key: string },
): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.review_cases
     SET ${what} = (array_append(${what}, $2::text))[greatest(1, cardinality(${what}) + 2 - $3::int):]
     WHERE id = $1 AND NOT $2::text = ANY (${what}) RETURNING id`,
    [id, key, KEPT],
  );
  return rows.length > 0;
}

/** The case of the account that has heard it. */
export async function findReviewThatHeard(
  tx: EntityManager,
  accountId: string,
  mailKey: string,
): Promise<string | null> {
  const [row] = await tx.query<{ id: string }[]>(
    'SELECT id FROM records.review_cases WHERE account_id = $1 AND $2::text = ANY (heard_mails) LIMIT 1',
    [accountId, mailKey],
  );
  return row?.id ?? null;
}

export async function countHeardMails(tx: EntityManager, id: string): Promise<number> {
  const [row] = await tx.query<{ heard: number }[]>(
    'SELECT cardinality(heard_mails) AS heard FROM records.review_cases WHERE id = $1',
    [id],
  );
  return row?.heard ?? 0;
}
