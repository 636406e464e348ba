// Providers room, tools. What every coding answer says of itself: a suggestion, which a person must review.

/** Stands in an answer's `notices[]`. */
export const NOTICE_CODE = 'code_is_a_suggestion';

export function noticeText(): string {
  throw new Error('not yet');
}
