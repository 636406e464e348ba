// Activities room. What a report says together with an answer to it, decided on the case as it stands: of two answers
// that come at once neither undoes the other.
import type { ReviewWord } from '@fairmeter/contracts';
import type { ReviewDetail } from '@fairmeter/domain';
import { missingDetails, stillMissing, withDetails } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { ReviewCase, ReviewedThread, ReviewWords } from '@fairmeter/records';
import { keepReason, readTexts, wordsOf } from '@fairmeter/records';

export interface Informed {
  /** Where all that is said by now is kept. */
  readonly ref: string;
  readonly thread: ReviewedThread | null;
  /** Asked for again; nothing where the report is whole. */
  readonly missing: readonly ReviewDetail[];
}

/** Null where the answer was erased before it was heard. */
export async function informedBy(
  tx: EntityManager,
  review: ReviewCase,
  { wordsRef, actor }: Pick<ReviewWord, 'wordsRef' | 'actor'>,
): Promise<Informed | null> {
  const said = wordsRef === null ? null : await wordsIn(tx, wordsRef);
  if (wordsRef === null || said === null) return null;
  const before = review.reported ?? {};
  // The thread that a case is about is not changed any more.
  const thread = review.thread ?? said.thread;
  const asked = { before, said: said.details, asked: review.missing, hasThread: thread !== null };
  const missing = stillMissing(asked);
  if (missingDetails(said.details).length === 0) return { ref: wordsRef, thread, missing };
  const all: ReviewWords = { ...said, details: withDetails(before, said.details), thread };
  const ref = await keepReason(tx, review.accountId, { subject: actor.id, text: JSON.stringify(all) });
  return { ref, thread, missing };
}

async function wordsIn(tx: EntityManager, ref: string): Promise<ReviewWords | null> {
  const text = (await readTexts(tx, [ref])).get(ref);
  return text === undefined ? null : wordsOf(text);
}
