// Goal: a period begins where the customer expects it, also years on, in short months and when clocks jump.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Instant, instant, instantToText } from './instant.js';
import { anchorAt, boundary, periodAt } from './month.js';
import { ANNUAL, days, MONTHLY, type PeriodAnchor, type PeriodRule } from './period-rule.js';

const at = (text: string): Instant => instant(Date.parse(text));
const boundaries = (anchor: PeriodAnchor, rule: PeriodRule, count: number): string[] =>
  Array.from({ length: count }, (_, k) => instantToText(boundary(anchor, rule, k)));
const dates = (anchor: PeriodAnchor, rule: PeriodRule, count: number): string[] =>
  boundaries(anchor, rule, count).map((text) => text.slice(0, 10));

describe('monthly boundaries', () => {
  it('[edge 1] [D8] clamp the 31st to each month and do not drift', () => {
    const anchor = anchorAt('UTC', at('2027-01-31T10:20:30.456Z'));
    expect(dates(anchor, MONTHLY, 5)).toEqual(['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31']);
    expect(dates(anchorAt('UTC', at('2028-01-31T10:00:00Z')), MONTHLY, 3)[1]).toBe('2028-02-29');
    expect(instantToText(boundary(anchor, MONTHLY, 1))).toBe('2027-02-28T10:20:30.456Z');
  });

  it('[edge 2] clamp the 29th and 30th in February and return in March', () => {
    const on29 = anchorAt('UTC', at('2027-01-29T00:00:00Z'));
    const on30 = anchorAt('UTC', at('2027-01-30T00:00:00Z'));
    expect(dates(on29, MONTHLY, 3)).toEqual(['2027-01-29', '2027-02-28', '2027-03-29']);
    expect(dates(on30, MONTHLY, 3)).toEqual(['2027-01-30', '2027-02-28', '2027-03-30']);
    expect(dates(on30, MONTHLY, 15).slice(12)).toEqual(['2028-01-30', '2028-02-29', '2028-03-30']);
  });

  it('keep the local date where UTC has another', () => {
    const anchor = anchorAt('Asia/Tokyo', at('2027-01-30T15:30:00Z'));
    expect(anchor.wallTime).toBe('2027-01-31T00:30:00');
    expect(boundaries(anchor, MONTHLY, 2)[1]).toBe('2027-02-27T15:30:00.000Z');
  });

  it('[W10] of an annual plan with monthly instalments: invoice once a year, on its day', () => {
    const anchor = anchorAt('UTC', at('2027-11-30T12:00:00Z'));
    expect(dates(anchor, MONTHLY, 5)).toEqual(['2027-11-30', '2027-12-30', '2028-01-30', '2028-02-29', '2028-03-30']);
    expect(dates(anchor, ANNUAL, 3)).toEqual(['2027-11-30', '2028-11-30', '2029-11-30']);
    expect(boundary(anchor, MONTHLY, 12)).toBe(boundary(anchor, ANNUAL, 1));
  });
});

describe('annual boundaries', () => {
  it('[edge 3] of 29 February fall on the 28th and return; monthly instalments stay on the 29th', () => {
    const anchor = anchorAt('Europe/Berlin', at('2028-02-29T09:00:00Z'));
    expect(dates(anchor, ANNUAL, 5)).toEqual(['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29']);
    expect(dates(anchor, MONTHLY, 14).slice(11)).toEqual(['2029-01-29', '2029-02-28', '2029-03-29']);
  });
});

describe('boundaries of 30 days', () => {
  it('[edge 4] [D8] are 30 dates apart, not a month and not 720 hours', () => {
    const anchor = anchorAt('Europe/Berlin', at('2027-01-31T09:00:00Z'));
    expect(boundaries(anchor, days(30), 4)).toEqual([
      '2027-01-31T09:00:00.000Z',
      '2027-03-02T09:00:00.000Z',
      '2027-04-01T08:00:00.000Z',
      '2027-05-01T08:00:00.000Z',
    ]);
  });

  it.each([0, -1, 1.5, NaN])('are refused for %d days', (count) => {
    expect(() => days(count)).toThrow('period.never-empty');
  });
});

describe('wall times that clocks jump over or show twice', () => {
  it('move later by the length of the gap: 02:30 becomes 03:30, for that month only', () => {
    const anchor = anchorAt('Europe/Berlin', at('2027-02-28T01:30:00.125Z'));
    expect(boundaries(anchor, MONTHLY, 3)).toEqual([
      '2027-02-28T01:30:00.125Z',
      '2027-03-28T01:30:00.125Z',
      '2027-04-28T00:30:00.125Z',
    ]);
    const noon = anchorAt('Pacific/Apia', at('2011-11-30T22:00:00Z'));
    expect(noon.wallTime).toBe('2011-11-30T12:00:00');
    expect(boundaries(noon, days(30), 2)[1]).toBe('2011-12-30T22:00:00.000Z');
  });

  it('take the first of two, but an anchor at the second stays where it is', () => {
    expect(boundaries(anchorAt('Europe/Berlin', at('2026-09-25T00:30:00Z')), MONTHLY, 2)[1]).toBe(
      '2026-10-25T00:30:00.000Z',
    );
    const second = anchorAt('Europe/Berlin', at('2026-10-25T01:30:00Z'));
    expect(second.wallTime).toBe('2026-10-25T02:30:00');
    expect(boundaries(second, MONTHLY, 2)).toEqual(['2026-10-25T01:30:00.000Z', '2026-11-25T01:30:00.000Z']);
    expect(periodAt(second, MONTHLY, at('2026-10-25T01:29:59.999Z'))).toBeUndefined();
  });
});

describe('the period of an instant', () => {
  const rules = fc.oneof(fc.constantFrom(MONTHLY, ANNUAL), fc.integer({ min: 1, max: 400 }).map(days));
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Havana', 'Pacific/Apia', 'Africa/Casablanca');
  const instants = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2030, 0, 1) }).map(instant);

  it('is the one between two boundaries, and boundaries strictly rise', () => {
    fc.assert(
      fc.property(
        fc.record({ zone: zones, start: instants, rule: rules, later: fc.nat(3_650 * 86_400_000) }),
        (drawn) => {
          const { zone, start, rule, later } = drawn;
          const anchor = anchorAt(zone, start);
          const asked = instant(start + later);
          const period = periodAt(anchor, rule, asked);
          if (period === undefined) throw new Error('after its anchor every instant lies in a period');
          expect(period.start).toBe(boundary(anchor, rule, period.k));
          expect(period.end).toBe(boundary(anchor, rule, period.k + 1));
          expect(period.start <= asked && asked < period.end).toBe(true);
          expect(periodAt(anchor, rule, period.start)).toEqual(period);
          expect(periodAt(anchor, rule, period.end)?.k).toBe(period.k + 1);
        },
      ),
    );
  });

  it('is none before the anchor, and there is no boundary before it', () => {
    const anchor = anchorAt('UTC', at('2027-01-31T00:00:00Z'));
    expect(periodAt(anchor, MONTHLY, instant(anchor.at - 1))).toBeUndefined();
    expect(periodAt(anchor, MONTHLY, anchor.at)?.k).toBe(0);
    for (const k of [-1, 0.5]) expect(() => boundary(anchor, MONTHLY, k)).toThrow('period.counts-from-its-anchor');
  });
});
