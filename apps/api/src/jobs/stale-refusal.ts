// API room. The server answers a finished update id from its record, so a refusal may be older than the request that
// reads it: the credits bought since then would not count. Such an answer is asked for again, once.
import type { AdmitAnswer } from '@fairmeter/contracts';

/** Clocks of API and worker may differ by this much; asking once too often is harmless, once too seldom is not. */
export const CLOCK_TOLERANCE_MS = 2_000;

export type RefusedAnswer = Extract<AdmitAnswer, { outcome: 'refused' }>;

export function isStaleRefusal(
  answer: AdmitAnswer,
  request: { readonly askId: string; readonly arrivedAt: number },
): answer is RefusedAnswer {
  return (
    answer.outcome === 'refused' &&
    answer.requestId !== request.askId &&
    answer.decidedAt < request.arrivedAt + CLOCK_TOLERANCE_MS
  );
}
