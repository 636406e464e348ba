// Goal: a local day begins and ends where people there say it does, also on the days when their clocks jump.
import { describe, expect, it } from '@jest/globals';
import { dayAt, dayOfDate, midnightNotBefore, nextMidnight } from './day.js';
import { type Instant, instant, instantToText } from './instant.js';

const at = (text: string): Instant => instant(Date.parse(text));

/** Start, end and hours, as people would check them. */
function shown(zone: string, date: string): string {
  const day = dayOfDate(zone, date);
  if (day === undefined) return 'none';
  const hours = (day.end - day.start) / 3_600_000;
  return `${instantToText(day.start).slice(0, 16)} ${instantToText(day.end).slice(0, 16)} ${hours}h`;
}

describe('a local day', () => {
  it('[E3] begins at local midnight: in Kathmandu at 18:15 UTC', () => {
    const before = at('2026-01-15T18:14:59.999Z');
    const midnight = at('2026-01-15T18:15:00Z');
    expect(nextMidnight('Asia/Kathmandu', before)).toBe(midnight);
    expect(nextMidnight('Asia/Kathmandu', midnight)).toBe(at('2026-01-16T18:15:00Z'));
    expect(dayAt('Asia/Kathmandu', midnight).start).toBe(midnight);
  });

  it.each([
    ['America/Havana', '2025-11-02', '2025-11-02T04:00 2025-11-03T05:00 25h'],
    ['Atlantic/Azores', '2026-10-25', '2026-10-25T00:00 2026-10-26T01:00 25h'],
  ])('[edge 6] of two midnights the first counts: %s %s', (zone, date, expected) => {
    expect(shown(zone, date)).toBe(expected);
    const day = dayOfDate(zone, date);
    const secondMidnight = instant((day?.start ?? 0) + 3_600_000);
    expect(dayAt(zone, secondMidnight)).toEqual(day);
    expect(midnightNotBefore(zone, secondMidnight)).toBe(day?.end);
  });

  it('has begun although the clocks show the old date once more: St. Johns set them back at 00:01', () => {
    expect(shown('America/St_Johns', '2010-11-06')).toBe('2010-11-06T02:30 2010-11-07T02:30 24h');
    expect(shown('America/St_Johns', '2010-11-07')).toBe('2010-11-07T02:30 2010-11-08T03:30 25h');
    for (const again of ['2010-11-07T02:31:00Z', '2010-11-07T03:29:59.999Z', '2010-11-07T03:30:00Z']) {
      expect(dayAt('America/St_Johns', at(again))).toEqual(dayOfDate('America/St_Johns', '2010-11-07'));
    }
  });

  it.each([
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00 2026-04-24T21:00 23h'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00 2026-09-07T03:00 23h'],
    ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00 2026-03-29T21:00 23h'],
  ])('begins with its first instant where midnight does not exist: %s %s', (zone, date, expected) => {
    expect(shown(zone, date)).toBe(expected);
  });

  it('[edge 7] does not exist for a skipped date, and the day before runs to the next date', () => {
    expect(shown('Pacific/Apia', '2011-12-29')).toBe('2011-12-29T10:00 2011-12-30T10:00 24h');
    expect(shown('Pacific/Apia', '2011-12-30')).toBe('none');
    expect(shown('Pacific/Apia', '2011-12-31')).toBe('2011-12-30T10:00 2011-12-31T10:00 24h');
    expect(nextMidnight('Pacific/Apia', at('2011-12-30T09:59:59.999Z'))).toBe(at('2011-12-30T10:00:00Z'));
  });

  it('[edge 8] has 23 or 25 hours when Berlin changes its clocks, and still ends at midnight', () => {
    expect(shown('Europe/Berlin', '2026-03-28')).toBe('2026-03-27T23:00 2026-03-28T23:00 24h');
    expect(shown('Europe/Berlin', '2026-03-29')).toBe('2026-03-28T23:00 2026-03-29T22:00 23h');
    expect(shown('Europe/Berlin', '2026-10-25')).toBe('2026-10-24T22:00 2026-10-25T23:00 25h');
    expect(shown('Europe/Berlin', '2026-10-26')).toBe('2026-10-25T23:00 2026-10-26T23:00 24h');
  });

  it('answers the same however often and in whatever order it is asked', () => {
    const days = Array.from({ length: 40 }, (_, index) => instant(Date.UTC(2026, 2, 1 + index, 12)));
    const first = days.map((day) => dayAt('Europe/Berlin', day));
    expect(days.toReversed().map((day) => dayAt('Europe/Berlin', day))).toEqual(first.toReversed());
  });

  it('is nowhere in a zone that does not exist', () => {
    expect(() => dayAt('Mars/Base', instant(0))).toThrow(RangeError);
  });
});
