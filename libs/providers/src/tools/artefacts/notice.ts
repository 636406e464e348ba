// Providers room, tools. What every coding answer says of itself: a suggestion, which a person must review.

/** Stands in the `notices[]` of every answer that holds code. */
export const NOTICE_CODE = 'code_is_a_suggestion';

const SENTENCES = [
  'An automatic system made this code at the request of a person: a suggestion, a technical starting point.',
  'A person must review, test and adapt it before it is used or passed on.',
  'It comes without any promise that it is correct, secure, complete, fit for production or fit for any legal purpose.',
  'It was parsed and bundled by automatic checks; it was not run.',
] as const;

/** In the words an answer shows. */
export const NOTICE_TEXT = SENTENCES.slice(0, 3).join(' ');

/** The text of the NOTICE file. */
export function noticeText(): string {
  return `NOTICE\n\n${SENTENCES.join('\n')}\n`;
}
