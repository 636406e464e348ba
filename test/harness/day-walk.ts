// Test harness. Walks the daily lots of a zone and says what is wrong with them, held against the observed clocks.
import type { MicroCredits } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { dailyPeriodsBetween, firstTerms } from '@fairmeter/domain/time';
import { DAY_MS, type ObservedZone, observedDay } from './zone-transitions.js';

const HOUR_MS = 3_600_000;

/** Days outside 23 to 25 hours, by the date they began on. Each is a decree or a base that changed its mind. */
const UNUSUAL_DAYS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'America/Bahia_Banderas': { '2010-04-04': 22 },
  'Antarctica/Casey': {
    '2010-03-05': 27,
    '2011-10-28': 21,
    '2012-02-22': 27,
    '2016-10-22': 21,
    '2018-03-11': 27,
    '2018-10-07': 21,
    '2019-03-17': 27,
    '2019-10-04': 21,
    '2020-03-08': 27,
    '2020-10-04': 21,
    '2021-03-13': 27,
    '2021-10-03': 21,
    '2022-03-12': 27,
    '2022-10-02': 21,
    '2023-03-09': 27,
  },
  'Antarctica/Davis': { '2010-03-11': 22, '2011-10-28': 26, '2012-02-22': 22 },
  'Antarctica/Vostok': { '2023-12-18': 26 },
  'Asia/Chita': { '2014-10-26': 26 },
  'Asia/Magadan': { '2014-10-26': 26 },
  'Europe/Simferopol': { '2014-03-30': 22 },
};

/** Troll changes its clocks by two hours, each year when Europe does. */
function isTrollsChange(names: readonly string[], date: string, hours: number): boolean {
  const lastSunday = new Date(date).getUTCDay() === 0 && Number(date.slice(8)) > 24;
  const expected = date.slice(5, 7) === '03' ? 22 : date.slice(5, 7) === '10' ? 26 : undefined;
  return names.includes('Antarctica/Troll') && lastSunday && hours === expected;
}

function isListed(names: readonly string[], date: string, hours: number): boolean {
  return isTrollsChange(names, date, hours) || names.some((name) => UNUSUAL_DAYS[name]?.[date] === hours);
}

export interface Walk {
  readonly days: number;
  readonly wrong: readonly string[];
}

/** Every lot of an account that stays in the zone, from the day of `from` to the day of `to`. */
export function walkDays({ names, spans }: ObservedZone, from: number, to: number): Walk {
  const [zone] = names;
  const wrong: string[] = [];
  const terms = firstTerms({ zone, dailyAllowance: 1n as MicroCredits }, instant(from));
  const lots = dailyPeriodsBetween([terms], instant(from), instant(to));
  let expectedStart = observedDay(spans, from).start;
  for (const { start, end } of lots) {
    const observed = observedDay(spans, start);
    const offset = spans.findLast((span) => span.from <= start)?.offset ?? 0;
    const date = new Date(start + offset).toISOString().slice(0, 10);
    const hours = (end - start) / HOUR_MS;
    const told = `${zone} ${date}: ${new Date(start).toISOString()} to ${new Date(end).toISOString()}`;
    if (start !== expectedStart) wrong.push(`${told} does not begin where the day before ended`);
    if (start !== observed.start || end !== observed.end) wrong.push(`${told} is not what the clocks show`);
    if (end <= start) wrong.push(`${told} does not rise`);
    if ((hours < 23 || hours > 25) && !isListed(names, date, hours)) wrong.push(`${told} has ${hours} h`);
    expectedStart = observed.end;
  }
  if (expectedStart < to) wrong.push(`${zone}: no day for ${new Date(expectedStart).toISOString()}`);
  return { days: lots.length, wrong };
}

/** Twenty years, with all that governments did to their clocks since 2010 and what the rules say of the years ahead. */
export const TWENTY_YEARS = { from: Date.UTC(2010, 0, 1), to: Date.UTC(2030, 0, 1) };

/** Stretches of `reach` days to either side of each jump. */
export function nearJumps({ spans }: ObservedZone, reach: number): { from: number; to: number }[] {
  return spans.slice(1).map(({ from }) => ({ from: from - reach * DAY_MS, to: from + reach * DAY_MS }));
}
