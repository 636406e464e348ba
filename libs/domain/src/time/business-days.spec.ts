// Domain room, calendar. Targets in business days, over weekends, holidays and pauses.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { businessDaysBetween, endOfBusinessDay, pauseClock, resumeClock, startClock } from './business-days.js';
import type { Instant } from './instant.js';
import { instant } from './instant.js';

const berlin = { zone: 'Europe/Berlin', holidays: ['2027-05-17'] };
const days = { target: 1, breach: 2 };
const at = (text: string): Instant => instant(Date.parse(text));
const text = (moment: Instant | null): string | null => (moment === null ? null : new Date(moment).toISOString());

describe('a target in business days', () => {
  it('[E34] [edge 62] of a Friday afternoon before a holiday Monday ends with the Wednesday', () => {
    const clock = startClock(berlin, at('2027-05-14T15:00:00Z'), days);
    expect(text(clock.targetAt)).toBe('2027-05-18T22:00:00.000Z');
    expect(text(clock.dueAt)).toBe('2027-05-19T22:00:00.000Z');
  });

  it('set on a Saturday begins with the Monday', () => {
    expect(text(endOfBusinessDay(berlin, at('2027-05-22T10:00:00Z'), 1))).toBe('2027-05-24T22:00:00.000Z');
  });

  it('stands still while the reporter is asked', () => {
    const clock = startClock(berlin, at('2027-05-10T08:00:00Z'), days);
    expect(text(clock.dueAt)).toBe('2027-05-12T22:00:00.000Z');
    const paused = pauseClock(clock, at('2027-05-11T08:00:00Z'));
    expect(resumeClock(berlin, paused, at('2027-05-11T20:00:00Z'))).toEqual(clock);
    const later = resumeClock(berlin, paused, at('2027-05-18T08:00:00Z'));
    // One business day was left on the Tuesday, and one is left on the Tuesday after the holiday.
    expect(text(later.dueAt)).toBe('2027-05-19T22:00:00.000Z');
    expect(later.pausedAt).toBeNull();
  });

  it('never comes nearer by a pause, and keeps as many business days as it had left', () => {
    const moment = fc.integer({ min: at('2027-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') }).map(instant);
    const stretch = fc.integer({ min: 0, max: 20 * 86_400_000 });
    fc.assert(
      fc.property(moment, stretch, stretch, (from, until, pause) => {
        const clock = startClock(berlin, from, days);
        const pausedAt = instant(from + until);
        const resumedAt = instant(pausedAt + pause);
        const { dueAt } = resumeClock(berlin, pauseClock(clock, pausedAt), resumedAt);
        const before = clock.dueAt ?? from;
        expect(dueAt).toBeGreaterThanOrEqual(before);
        const left = (now: Instant, end: Instant): number => businessDaysBetween(berlin, now, instant(end - 1));
        if (pausedAt < before) expect(left(resumedAt, dueAt ?? from)).toBe(left(pausedAt, before));
        else expect(dueAt).toBe(before);
      }),
    );
  });
});
