// Goal: one lot for each day, whatever is changed and when. Method: named cases with instants worked out by hand.
import { describe, expect, it } from '@jest/globals';
import { credits } from '../amounts/micro-credits.js';
import type { DailyTerms } from './daily-period.js';
import { changeTerms, dailyPeriodAt, dailyPeriodsBetween, firstTerms, type TermsChange } from './daily-terms.js';
import { type Instant, instant, instantToText } from './instant.js';
import { anchorAt, periodAt } from './month.js';
import { MONTHLY } from './period-rule.js';

const at = (text: string): Instant => instant(Date.parse(text));
const five = credits(5n);
const ten = credits(10n);

function terms(zone: string, createdAt: string, ...changes: (readonly [string, TermsChange])[]): DailyTerms[] {
  const first = firstTerms({ zone, dailyAllowance: five }, at(createdAt));
  return changes.reduce((rows, [when, change]) => [...rows, changeTerms(rows, change, at(when))], [first]);
}

const minute = (moment: Instant): string => instantToText(moment).slice(0, 16);

function shown(rows: readonly DailyTerms[], when: string): string {
  const period = dailyPeriodAt(rows, at(when));
  if (period === undefined) return 'none';
  expect(period.key).toBe(period.start);
  return `${minute(period.start)} ${minute(period.end)} ${period.grantedNow / credits(1n)}`;
}

const starts = (rows: readonly DailyTerms[], from: string, to: string): string[] =>
  dailyPeriodsBetween(rows, at(from), at(to)).map(({ start }) => minute(start));

describe('the daily schedule without changes', () => {
  it('[E3] renews at local midnight: Asia/Kathmandu at 18:15 UTC', () => {
    const rows = terms('Asia/Kathmandu', '2026-01-15T12:00:00Z');
    expect(shown(rows, '2026-01-15T18:14:59.999Z')).toBe('2026-01-14T18:15 2026-01-15T18:15 5');
    expect(shown(rows, '2026-01-15T18:15:00.000Z')).toBe('2026-01-15T18:15 2026-01-16T18:15 5');
  });

  it('[E4] gives each day its allowance anew and never the sum', () => {
    const rows = terms('UTC', '2026-01-01T12:00:00Z');
    const periods = dailyPeriodsBetween(rows, at('2026-01-01T12:00:00Z'), at('2026-01-04T00:00:00Z'));
    expect(periods.map(({ grantedNow }) => grantedNow)).toEqual([five, five, five]);
    expect(periods.map(({ end }) => minute(end))).toEqual(['2026-01-02T00:00', '2026-01-03T00:00', '2026-01-04T00:00']);
  });

  it('begins with the lot of the creation date, and is nothing before the creation', () => {
    const rows = terms('Europe/Berlin', '2026-01-15T12:00:00Z');
    expect(shown(rows, '2026-01-15T11:59:59.999Z')).toBe('none');
    expect(shown(rows, '2026-01-15T12:00:00.000Z')).toBe('2026-01-14T23:00 2026-01-15T23:00 5');
  });

  it('[edge 6] gives one lot to the day with two midnights', () => {
    const rows = terms('America/Havana', '2025-11-01T12:00:00Z');
    expect(starts(rows, '2025-11-01T12:00:00Z', '2025-11-04T00:00:00Z')).toEqual([
      '2025-11-01T04:00',
      '2025-11-02T04:00',
      '2025-11-03T05:00',
    ]);
  });

  it('[edge 7] gives no lot to a skipped date', () => {
    const rows = terms('Pacific/Apia', '2011-12-28T12:00:00Z');
    expect(starts(rows, '2011-12-28T12:00:00Z', '2012-01-01T00:00:00Z')).toEqual([
      '2011-12-28T10:00',
      '2011-12-29T10:00',
      '2011-12-30T10:00',
      '2011-12-31T10:00',
    ]);
  });

  it('[edge 8] keeps to midnight through both changes of the clocks', () => {
    const rows = terms('Europe/Berlin', '2026-03-28T12:00:00Z');
    expect(shown(rows, '2026-03-29T12:00:00Z')).toBe('2026-03-28T23:00 2026-03-29T22:00 5');
    expect(shown(rows, '2026-10-25T12:00:00Z')).toBe('2026-10-24T22:00 2026-10-25T23:00 5');
  });

  it('finds the day years on', () => {
    const rows = terms('Europe/Berlin', '2006-03-28T12:00:00Z');
    expect(shown(rows, '2036-07-01T12:00:00Z')).toBe('2036-06-30T22:00 2036-07-01T22:00 5');
  });
});

describe('a change of the zone', () => {
  it('[edge 9] eastward in the evening brings no reset early', () => {
    const before = terms('Europe/Berlin', '2026-01-15T12:00:00Z');
    const rows = [...before, changeTerms(before, { zone: 'Asia/Tokyo' }, at('2026-01-15T19:00:00Z'))];
    expect(shown(before, '2026-01-15T19:00:00Z')).toBe('2026-01-14T23:00 2026-01-15T23:00 5');
    // Tokyo had its midnight at 15:00; its next one not before 23:00 is a day later. Berlin's midnight resets nothing.
    for (const when of ['2026-01-15T19:00:00Z', '2026-01-15T23:00:00Z', '2026-01-16T14:59:59.999Z']) {
      expect(shown(rows, when)).toBe('2026-01-14T23:00 2026-01-16T15:00 5');
    }
    expect(shown(rows, '2026-01-16T15:00:00Z')).toBe('2026-01-16T15:00 2026-01-17T15:00 5');
  });

  it('does not touch what was before it', () => {
    const rows = terms('Europe/Berlin', '2026-01-15T12:00:00Z', ['2026-01-17T19:00:00Z', { zone: 'Asia/Tokyo' }]);
    expect(shown(rows, '2026-01-17T18:59:59.999Z')).toBe('2026-01-16T23:00 2026-01-17T23:00 5');
    expect(shown(rows, '2026-01-17T19:00:00.000Z')).toBe('2026-01-16T23:00 2026-01-18T15:00 5');
  });

  it('resets at the old midnight where it is one of the new zone as well', () => {
    const rows = terms('Europe/Berlin', '2026-01-15T12:00:00Z', ['2026-01-15T13:00:00Z', { zone: 'Africa/Lagos' }]);
    expect(starts(rows, '2026-01-15T12:00:00Z', '2026-01-17T23:00:00Z')).toEqual([
      '2026-01-14T23:00',
      '2026-01-15T23:00',
      '2026-01-16T23:00',
    ]);
  });

  it('[edge 10] flipped ten times and back leaves the schedule as it was', () => {
    const flips = Array.from({ length: 10 }, (_, index): [string, TermsChange] => [
      `2026-01-15T${13 + Math.floor(index / 2)}:${index % 2 === 0 ? '00' : '30'}:00Z`,
      { zone: index % 2 === 0 ? 'Asia/Tokyo' : 'Europe/Berlin' },
    ]);
    const still = terms('Europe/Berlin', '2026-01-15T12:00:00Z');
    const flipped = terms('Europe/Berlin', '2026-01-15T12:00:00Z', ...flips);
    expect(flipped).toHaveLength(11);
    const month = ['2026-01-15T12:00:00Z', '2026-02-15T12:00:00Z'] as const;
    expect(starts(flipped, ...month)).toEqual(starts(still, ...month));
    // An odd number of flips: the last set zone wins, and within the same days there is one lot fewer, not one more.
    const left = terms('Europe/Berlin', '2026-01-15T12:00:00Z', ...flips.slice(0, 9));
    expect(starts(left, '2026-01-15T12:00:00Z', '2026-01-17T00:00:00Z')).toEqual([
      '2026-01-14T23:00',
      '2026-01-16T15:00',
    ]);
  });

  it('[edge 10] while the reset is still to come counts for the day after', () => {
    // Berlin's midnight (23:00) was given up for Tokyo's (15:00). At 02:00, in between, New York is set.
    const rows = terms(
      'Europe/Berlin',
      '2026-01-15T12:00:00Z',
      ['2026-01-15T19:00:00Z', { zone: 'Asia/Tokyo' }],
      ['2026-01-16T02:00:00Z', { zone: 'America/New_York' }],
      ['2026-01-16T03:00:00Z', { zone: 'Europe/Berlin' }],
    );
    // Tokyo's reset stands. Its day's N is Tokyo's next midnight, and Berlin's first one not before that is at 23:00.
    expect(starts(rows, '2026-01-15T12:00:00Z', '2026-01-18T23:00:00Z')).toEqual([
      '2026-01-14T23:00',
      '2026-01-16T15:00',
      '2026-01-17T23:00',
    ]);
    expect(shown(rows, '2026-01-16T03:00:00Z')).toBe('2026-01-14T23:00 2026-01-16T15:00 5');
  });

  it('[edge 11] resets on a local date that had a lot already', () => {
    const rows = terms('Pacific/Kiritimati', '2026-01-15T12:00:00Z', [
      '2026-01-16T09:00:00Z',
      { zone: 'Pacific/Pago_Pago' },
    ]);
    // 16 January in Kiritimati began at 10:00 of the 15th; 16 January in Pago Pago begins at 11:00 of the 16th.
    expect(starts(rows, '2026-01-15T12:00:00Z', '2026-01-17T11:00:00Z')).toEqual([
      '2026-01-15T10:00',
      '2026-01-16T11:00',
    ]);
    expect(shown(rows, '2026-01-16T10:30:00Z')).toBe('2026-01-15T10:00 2026-01-16T11:00 5');
    expect(shown(rows, '2026-01-16T11:00:00Z')).toBe('2026-01-16T11:00 2026-01-17T11:00 5');
  });
});

describe('at one instant', () => {
  it('[edge 14] daily reset, then period reset, then the change', () => {
    const midnight = '2026-01-31T23:00:00Z';
    const anchor = anchorAt('Europe/Berlin', at(midnight));
    const change: TermsChange = { zone: 'Asia/Tokyo', dailyAllowance: credits(1n) };
    const rows = terms('Europe/Berlin', '2026-01-15T12:00:00Z', ['2026-02-28T23:00:00Z', change]);
    const boundary = at('2026-02-28T23:00:00Z');
    expect(periodAt(anchor, MONTHLY, boundary)).toMatchObject({ k: 1, start: boundary });
    // The day has begun in Berlin with the old allowance; Tokyo counts for its end, the lower allowance for the next.
    expect(shown(rows, '2026-02-28T22:59:59.999Z')).toBe('2026-02-27T23:00 2026-02-28T23:00 5');
    expect(shown(rows, '2026-02-28T23:00:00.000Z')).toBe('2026-02-28T23:00 2026-03-02T15:00 5');
    expect(shown(rows, '2026-03-02T15:00:00.000Z')).toBe('2026-03-02T15:00 2026-03-03T15:00 1');
  });

  it('of two changes the later row counts', () => {
    const noon = '2026-01-15T12:00:00Z';
    const rows = terms('UTC', noon, [noon, { dailyAllowance: ten }], [noon, { zone: 'Asia/Tokyo' }]);
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(shown(rows, noon)).toBe('2026-01-15T00:00 2026-01-16T15:00 10');
  });

  it('scope.time-never-back: a change before the last one is a bug', () => {
    const rows = terms('UTC', '2026-01-15T12:00:00Z');
    expect(() => changeTerms(rows, {}, at('2026-01-15T11:59:59.999Z'))).toThrow('scope.time-never-back');
    expect(() => changeTerms([], {}, at('2026-01-15T12:00:00Z'))).toThrow('terms.never-empty');
  });
});

describe('a change of the allowance', () => {
  const created = '2026-01-15T08:00:00Z';

  it('grows the open lot at once, and moves no reset', () => {
    const rows = terms('UTC', created, ['2026-01-15T12:00:00Z', { dailyAllowance: ten }]);
    expect(shown(rows, '2026-01-15T11:59:59.999Z')).toBe('2026-01-15T00:00 2026-01-16T00:00 5');
    expect(shown(rows, '2026-01-15T12:00:00.000Z')).toBe('2026-01-15T00:00 2026-01-16T00:00 10');
    expect(shown(rows, '2026-01-16T00:00:00.000Z')).toBe('2026-01-16T00:00 2026-01-17T00:00 10');
  });

  it('counts downwards from the next reset, and says so beforehand', () => {
    const rows = terms('UTC', created, ['2026-01-15T12:00:00Z', { dailyAllowance: credits(2n) }]);
    expect(dailyPeriodAt(rows, at('2026-01-15T12:00:00Z'))).toMatchObject({ allowance: credits(2n), grantedNow: five });
    expect(shown(rows, '2026-01-16T00:00:00Z')).toBe('2026-01-16T00:00 2026-01-17T00:00 2');
  });

  it('leaves the days before it as they were granted', () => {
    const rows = terms('UTC', created, ['2026-01-16T12:00:00Z', { dailyAllowance: ten }]);
    const periods = dailyPeriodsBetween(rows, at(created), at('2026-01-17T12:00:00Z'));
    expect(periods.map(({ grantedNow }) => grantedNow)).toEqual([five, ten, ten]);
    expect(periods.map(({ allowance }) => allowance)).toEqual([five, ten, ten]);
  });

  it('up, down and up again in one day gains nothing', () => {
    const rows = terms(
      'UTC',
      created,
      ['2026-01-15T12:00:00Z', { dailyAllowance: ten }],
      ['2026-01-15T13:00:00Z', { dailyAllowance: five }],
      ['2026-01-15T14:00:00Z', { dailyAllowance: ten }],
    );
    for (const hour of ['12', '13', '14']) {
      expect(dailyPeriodAt(rows, at(`2026-01-15T${hour}:30:00Z`))?.grantedNow).toBe(ten);
    }
    expect(dailyPeriodsBetween(rows, at(created), at('2026-01-16T00:00:00Z'))).toHaveLength(1);
  });
});

describe('a time-zone release that moves midnights', () => {
  // What a row would hold had Berlin's clocks, when it was written, been an hour behind or ahead of today's rules.
  const announced = (nextResetAt: string): DailyTerms[] => [
    {
      ...firstTerms({ zone: 'Europe/Berlin', dailyAllowance: five }, at('2026-01-15T12:00:00Z')),
      resetNotBefore: at(nextResetAt),
      nextResetAt: at(nextResetAt),
    },
  ];

  it.each(['2026-01-15T22:00:00Z', '2026-01-16T00:00:00Z'])(
    '[edge 12] leaves the announced reset at %s, gives that day one lot, and rules from the next reset on',
    (reset) => {
      const rows = announced(reset);
      expect(starts(rows, '2026-01-15T12:00:00Z', '2026-01-18T00:00:00Z')).toEqual([
        '2026-01-14T23:00',
        reset.slice(0, 16),
        '2026-01-16T23:00',
        '2026-01-17T23:00',
      ]);
      const renewed = [...rows, changeTerms(rows, { dailyAllowance: ten }, at('2026-01-15T13:00:00Z'))];
      expect(shown(renewed, '2026-01-15T13:00:00Z')).toBe(`2026-01-14T23:00 ${reset.slice(0, 16)} 10`);
    },
  );
});
