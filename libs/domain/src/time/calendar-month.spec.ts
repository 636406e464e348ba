// Goal: a limit by the month counts from the first of the month where the account is. Method: months that begin at
// another instant than in UTC, across a clock change and over a year's end.
import { describe, expect, it } from '@jest/globals';
import { calendarMonthAt } from './calendar-month.js';
import { instant, instantToText } from './instant.js';

function shown(zone: string, at: string): readonly string[] {
  const { start, end } = calendarMonthAt(zone, instant(Date.parse(at)));
  return [instantToText(start), instantToText(end)];
}

describe('a calendar month', () => {
  it.each([
    ['UTC', '2027-02-28T23:59:59.999Z', ['2027-02-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z']],
    ['Asia/Kathmandu', '2027-01-31T18:14:59.999Z', ['2026-12-31T18:15:00.000Z', '2027-01-31T18:15:00.000Z']],
    ['Asia/Kathmandu', '2027-01-31T18:15:00Z', ['2027-01-31T18:15:00.000Z', '2027-02-28T18:15:00.000Z']],
    ['Europe/Berlin', '2027-03-15T12:00:00Z', ['2027-02-28T23:00:00.000Z', '2027-03-31T22:00:00.000Z']],
    ['America/Lima', '2027-01-01T04:59:59Z', ['2026-12-01T05:00:00.000Z', '2027-01-01T05:00:00.000Z']],
  ])('of %s at %s', (zone, at, month) => {
    expect(shown(zone, at)).toEqual(month);
  });
});
