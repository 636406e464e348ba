// Domain room. Instants and durations in a text. A calendar date alone may be what was asked for, day by day, so it is
// only taken out where the caller says that nobody asked: in results and errors.

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}';
const CLOCK = '\\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d{1,9})?';
const ZONE = '(?: ?(?:Z|UTC|GMT|[+-]\\d{2}:?\\d{2}))?';
const OFFSET = '(?: (?:GMT|UTC)(?:[+-]\\d{4})?(?: \\([A-Za-z ]{1,60}\\))?)?';

const INSTANTS: readonly RegExp[] = [
  // 2026-11-21T15:25:47.123Z, 2026/11/21 15:25
  new RegExp(
    `(?<![\\d-])\\d{4}[-/]\\d{2}[-/]\\d{2}[Tt ,]{1,2}\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?${ZONE}(?!\\d)`,
    'g',
  ),
  // 20261121T152547Z
  /(?<!\w)\d{8}T\d{6}(?:\.\d{1,9})?Z?(?!\w)/g,
  // 20261121152547, 20261121-152547
  /(?<![\w.])20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-_]?(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\d{3})?(?![\w.])/g,
  // [15:25], as a line of a log begins
  /(?<=^\s{0,8}\[|\n\s{0,8}\[)\d{1,2}:\d{2}(?=\])/g,
  // Sat, 21 Nov 2026 15:25:47 GMT
  new RegExp(`(?:${DAY},? )?(?<!\\d)\\d{1,2}[ /-]${MONTH}[ /-]\\d{4}(?:[ :]${CLOCK}${ZONE})?(?!\\d)`, 'g'),
  // Sat Nov 21 2026 15:25:47 GMT+0100 (Central European Standard Time), as a script prints it
  new RegExp(`(?:${DAY} )?${MONTH} {1,2}\\d{1,2} \\d{4} ${CLOCK}${OFFSET}(?!\\d)`, 'g'),
  // 11/21/2026, 3:25:47 PM, 21.11.2026 15:25:47, as it prints them for people
  new RegExp(`(?<![\\d/.])\\d{1,2}([/.])\\d{1,2}\\1\\d{4},? ${CLOCK}(?: ?[AaPp][Mm](?!\\w))?(?![\\d:])`, 'g'),
  // Sat Nov 21 15:25:47 UTC 2026, Nov 21 15:25:47, Nov 21, 2026
  new RegExp(`(?:${DAY} )?${MONTH} {1,2}\\d{1,2}(?:,? ${CLOCK}(?: [A-Z]{2,5})?(?: \\d{4})?|, \\d{4})(?!\\d)`, 'g'),
  new RegExp(`(?<![\\d:.])${CLOCK}(?: ?[AaPp][Mm](?!\\w))?${ZONE}(?![\\d:])`, 'g'),
  /(?<![\d:.])\d{1,2}:\d{2} ?[AaPp][Mm](?!\w)/g,
  /(?<=\bat )\d{1,2}:\d{2}(?![\d:])/g,
  // Seconds since 1970, from 2014 to 2033, and finer: 1700000000, 1700000000123. The finer ones also end names.
  /(?<![\w.-])(?:1[4-9]|20)\d{8}(?:\.\d{1,9})?(?![\w-]|\.\d)/g,
  /(?<![A-Za-z\d.])(?:1[4-9]|20)\d{8}(?:\d{3}|\d{6}|\d{9})(?![A-Za-z\d]|\.\d)/g,
];

const DATES = /(?<![\d-])\d{4}[-/]\d{2}[-/]\d{2}(?![\d-])/g;

const UNIT = '(?:ns|[µμu]s|ms|msecs?|(?:nano|micro|milli)seconds?|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?)';
const NUMBER = '\\d{1,12}(?:[.,]\\d{1,9})?';
const DURATIONS: readonly RegExp[] = [
  /(?<!\w)P(?:\d{1,4}D)?T(?:\d{1,6}(?:\.\d{1,9})?[HMS]){1,3}(?!\w)/g,
  // 1h 2m 3.4s, 2m5s, 1h30m
  /(?<![\w.])(?:\d{1,6}h ?)?\d{1,6}m ?\d{1,6}(?:\.\d{1,9})?s(?!\w)/g,
  /(?<![\w.])\d{1,6}h ?\d{1,6}m(?:in)?(?!\w)/g,
  new RegExp(`(?<![\\w.])${NUMBER} ?${UNIT}(?![\\w])`, 'g'),
  /(?<![\w.])\d{1,6} (?:day|week|month|year)s? ago(?!\w)/g,
  // Elapsed: 12, time=0.123
  /(?<=(?<![A-Za-z])(?:elapsed|duration|latency|took)(?: time)?[ :=]{1,3})\d{1,12}(?:\.\d{1,9})?(?![\w.])/gi,
  /(?<=(?<![A-Za-z])time[:=] ?)\d{1,12}\.\d{1,9}(?![\w.])/gi,
];

export function withoutTimes(text: string, dates: 'dates_stay' | 'dates_go'): string {
  let plain = text;
  for (const instant of INSTANTS) plain = plain.replace(instant, '<time>');
  if (dates === 'dates_go') plain = plain.replace(DATES, '<time>');
  for (const duration of DURATIONS) plain = plain.replace(duration, '<duration>');
  return plain;
}

/** A number that can only be an instant: seconds or finer since 1970, of our days. */
export function isEpoch(value: number): boolean {
  return /^(?:1[4-9]|20)\d{8}(?:\d{3}|\d{6})?(?:\.\d+)?$/.test(String(value));
}
