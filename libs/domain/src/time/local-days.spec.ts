// Goal: usage by day has one row for each local date, however long that day is. Method: stretches over known jumps.
import { describe, expect, it } from '@jest/globals';
import { instant, instantToText } from './instant.js';
import { localDaysBetween } from './local-days.js';

const shown = (zone: string, from: string, to: string): string[] =>
  localDaysBetween(zone, instant(Date.parse(from)), instant(Date.parse(to))).map(
    ({ start, date }) => `${date} ${instantToText(start).slice(5, 16)}`,
  );

describe('the local days of a stretch', () => {
  it('begin with the one that its first instant lies in and end before its last', () => {
    expect(shown('Asia/Kathmandu', '2027-01-01T18:14:00Z', '2027-01-02T18:15:00Z')).toEqual([
      '2027-01-01 12-31T18:15',
      '2027-01-02 01-01T18:15',
    ]);
    expect(shown('UTC', '2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([]);
  });

  it('are of 23 and 25 hours where the clocks change', () => {
    expect(shown('Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z')).toEqual([
      '2026-10-25 10-24T22:00',
      '2026-10-26 10-25T23:00',
    ]);
    expect(shown('Europe/Berlin', '2027-03-27T23:00:00Z', '2027-03-29T00:00:00Z')).toEqual([
      '2027-03-28 03-27T23:00',
      '2027-03-29 03-28T22:00',
    ]);
  });

  it('leave out a date that the zone skipped', () => {
    expect(shown('Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-31T09:00:00Z')).toEqual([
      '2011-12-29 12-29T10:00',
      '2011-12-31 12-30T10:00',
    ]);
  });
});
