// Domain room. What differs between two tries of the same thing without meaning anything. Every pattern starts at the
// edge of a word and repeats a bounded number of times, so the time it takes grows with the text and no faster.
import { withoutChancePlaces } from './places.js';
import { withoutRandomIds } from './random-ids.js';
import { withoutTimes } from './times.js';

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,20}[A-Za-z]`, 'g');

const COUNTERS: readonly RegExp[] = [
  // attempt 2 of 5, Retry #3, retrying (1/4), try no. 2
  new RegExp(
    '(?<![A-Za-z])((?:re)?(?:attempts?|try|tries|trying|retries))' +
      '(?:[ _-]?(?:number|no\\.?|count|left|remaining))?[ .:=#(]{1,5}\\d{1,6}(?: ?(?:of|/) ?\\d{1,6})?(?!\\w)',
    'gi',
  ),
  // 2nd attempt, after 3 retries
  /(?<![\w.])\d{1,6}(?:st|nd|rd|th)? ((?:re)?(?:attempts?|try|tries))(?!\w)/gi,
];

export type TextOrigin = 'asked' | 'answered';

/** `asked`: an argument, where a calendar date is what was asked for. White space stays as it is. */
export function withoutNoise(text: string, origin: TextOrigin): string {
  let plain = withoutTimes(text.replace(COLOURS, ''), origin === 'asked' ? 'dates_stay' : 'dates_go');
  for (const counter of COUNTERS) plain = plain.replace(counter, (_, word: string) => `${word.toLowerCase()} <n>`);
  return withoutRandomIds(withoutChancePlaces(plain));
}

export function withSingleSpaces(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
