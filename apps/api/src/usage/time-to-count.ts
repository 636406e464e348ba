// API room. Counting usage ends: the database gives a statement up that takes too long, and the answer says what to ask
// instead.
import type { Instant } from '@fairmeter/domain';
import { instantToText } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { isGivenUp } from '../problems/foreign-errors.js';
import { ProblemError } from '../problems/problem-error.js';

interface Counted {
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  readonly withinMs: number;
}

/** For the rest of the transaction; a pooled connection forgets it. */
export async function countedWithin<T>(tx: EntityManager, counted: Counted, count: () => Promise<T>): Promise<T> {
  const { withinMs } = counted;
  await tx.query("SELECT set_config('statement_timeout', $1, true)", [`${withinMs}ms`]);
  try {
    return await count();
  } catch (error) {
    throw isGivenUp(error) ? tooMuch(counted, error) : error;
  }
}

function tooMuch({ from, to, withinMs }: Counted, cause: unknown): ProblemError {
  const detail = 'So much time could not be counted. Ask for a shorter one; sums of shorter times add up exactly.';
  return new ProblemError('too_much_to_count', detail, {
    members: { from: instantToText(from), to: instantToText(to), within_ms: withinMs },
    cause,
  });
}
