// Goal: no order of changes brings a reset early or gives an extra lot, and the past never moves. Method: a plain
// reading of the rule as a machine that walks from change to change, held against the rows; then promises on their own.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MicroCredits } from '../amounts/micro-credits.js';
import type { DailyTerms } from './daily-period.js';
import { changeTerms, dailyPeriodAt, dailyPeriodsBetween, firstTerms, type TermsChange } from './daily-terms.js';
import { dayAt, midnightNotBefore, nextMidnight } from './day.js';
import { type Instant, instant } from './instant.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The stretch that is looked at after the last change. */
const TAIL_MS = 4 * DAY_MS;

interface Change extends Required<TermsChange> {
  readonly at: Instant;
}
interface Story {
  readonly first: Required<TermsChange>;
  readonly createdAt: Instant;
  readonly changes: readonly Change[];
}

const WITH_CLOCK_CHANGES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'America/Santiago',
  'Atlantic/Azores',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];
const WITHOUT = ['UTC', 'Asia/Kathmandu', 'Asia/Tokyo', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Pacific/Marquesas'];

const allowances = fc.bigInt(0n, 4n).map((amount) => amount as MicroCredits);

/** Changes come in bursts as well as days apart, and often exactly at a midnight of one of the zones. */
function stories(zones: readonly string[]): fc.Arbitrary<Story> {
  const zone = fc.constantFrom(...zones);
  const gap = fc.oneof(fc.constant(0), fc.nat(2 * HOUR_MS), fc.nat(3 * DAY_MS));
  const terms = fc.record({ zone, dailyAllowance: allowances });
  const step = fc.record({ terms, gap, onMidnight: fc.option(zone, { freq: 2, nil: undefined }) });
  return fc
    .record({
      first: terms,
      createdAt: fc.integer({ min: Date.UTC(2011, 11, 15), max: Date.UTC(2027, 0, 1) }).map(instant),
      steps: fc.array(step, { maxLength: 12 }),
    })
    .map(({ first, createdAt, steps }) => {
      let at = createdAt;
      const changes = steps.map(({ terms: wanted, gap: later, onMidnight }) => {
        at = instant(at + later);
        if (onMidnight !== undefined) at = midnightNotBefore(onMidnight, at);
        return { ...wanted, at };
      });
      return { first, createdAt, changes };
    });
}

function rowsOf({ first, createdAt, changes }: Story): DailyTerms[] {
  return changes.reduce(
    (rows, { at, ...change }) => [...rows, changeTerms(rows, change, at)],
    [firstTerms(first, createdAt)],
  );
}

const endOf = ({ createdAt, changes }: Story): Instant => instant((changes.at(-1)?.at ?? createdAt) + TAIL_MS);

/** The rule as it is told: a day that has begun, its N, the zone that brings the next reset, the zone last set. */
class Schedule {
  readonly starts: Instant[] = [];
  readonly beganIn: string[] = [];
  reset: Instant;
  granted: MicroCredits;
  private n: Instant;
  private resetZone: string;
  private zone: string;
  private allowance: MicroCredits;

  constructor(first: Required<TermsChange>, createdAt: Instant) {
    const day = dayAt(first.zone, createdAt);
    this.starts.push(day.start);
    this.beganIn.push(first.zone);
    this.n = this.reset = day.end;
    this.resetZone = this.zone = first.zone;
    this.granted = this.allowance = first.dailyAllowance;
  }

  passTo(at: Instant): void {
    while (this.reset <= at) {
      this.starts.push(this.reset);
      this.beganIn.push(this.resetZone);
      this.n = nextMidnight(this.resetZone, this.reset);
      this.reset = midnightNotBefore(this.zone, this.n);
      this.resetZone = this.zone;
      this.granted = this.allowance;
    }
  }

  change({ at, zone, dailyAllowance }: Change): void {
    this.passTo(at);
    this.zone = zone;
    if (at < this.n) {
      this.reset = midnightNotBefore(zone, this.n);
      this.resetZone = zone;
    }
    this.allowance = dailyAllowance;
    if (dailyAllowance > this.granted) this.granted = dailyAllowance;
  }
}

function told(story: Story): Schedule {
  const schedule = new Schedule(story.first, story.createdAt);
  for (const change of story.changes) schedule.change(change);
  schedule.passTo(endOf(story));
  return schedule;
}

describe('the daily schedule under any changes', () => {
  it('[edge 9] [edge 10] is the one the rule tells, step by step', () => {
    fc.assert(
      fc.property(stories([...WITH_CLOCK_CHANGES, ...WITHOUT]), (story) => {
        const rows = rowsOf(story);
        const schedule = new Schedule(story.first, story.createdAt);
        const agree = (at: Instant, given: readonly DailyTerms[]): void => {
          const period = dailyPeriodAt(given, at);
          expect([period?.start, period?.end, period?.grantedNow]).toEqual([
            schedule.starts.at(-1),
            schedule.reset,
            schedule.granted,
          ]);
        };
        for (const [index, change] of story.changes.entries()) {
          // Just before a change the rows after it are not known yet, and must not shine through.
          const before = instant(change.at - 1);
          if (before >= (rows[index]?.effectiveAt ?? Infinity)) {
            schedule.passTo(before);
            agree(before, rows);
            agree(before, rows.slice(0, index + 1));
          }
          schedule.change(change);
          agree(change.at, rows.slice(0, index + 2));
        }
        schedule.passTo(endOf(story));
        agree(endOf(story), rows);
        const periods = dailyPeriodsBetween(rows, story.createdAt, instant(endOf(story) + 1));
        expect(periods.map(({ key }) => key)).toEqual(schedule.starts);
      }),
      { numRuns: 150 },
    );
  });

  it('[edge 9] brings no reset before the day would have ended in the zone it began in', () => {
    fc.assert(
      fc.property(stories([...WITH_CLOCK_CHANGES, ...WITHOUT]), (story) => {
        const { beganIn } = told(story);
        const periods = dailyPeriodsBetween(rowsOf(story), story.createdAt, endOf(story));
        for (const [index, { start, end }] of periods.entries()) {
          const zone = beganIn[index] ?? story.first.zone;
          expect(end).toBeGreaterThanOrEqual(nextMidnight(zone, start));
          expect(periods[index + 1]?.start ?? end).toBe(end);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('[edge 9] [edge 10] never gives more lots than staying would have, over any stretch', () => {
    fc.assert(
      fc.property(stories(WITHOUT), fc.nat(TAIL_MS), (story, cut) => {
        const { createdAt, first } = story;
        const to = instant(endOf(story) - cut);
        const moved = dailyPeriodsBetween(rowsOf(story), createdAt, to).length;
        expect(moved).toBeLessThanOrEqual(dailyPeriodsBetween([firstTerms(first, createdAt)], createdAt, to).length);
      }),
      { numRuns: 100 },
    );
  });

  it('[edge 9] [edge 10] nor where clocks change, but for the hours that the days themselves are short or long', () => {
    fc.assert(
      fc.property(stories(WITH_CLOCK_CHANGES), (story) => {
        const { createdAt, first } = story;
        const moved = dailyPeriodsBetween(rowsOf(story), createdAt, endOf(story));
        const stayed = dailyPeriodsBetween([firstTerms(first, createdAt)], createdAt, instant(endOf(story) + TAIL_MS));
        let aside = 0;
        for (const [index, { start, end }] of moved.entries()) {
          const before = stayed[index];
          if (before === undefined) throw new Error('the stretch of staying is too short to compare');
          expect(start).toBeGreaterThanOrEqual(before.start - aside);
          aside += Math.max(0, DAY_MS - (end - start)) + Math.max(0, before.end - before.start - DAY_MS);
        }
        // A stretch of weeks meets each zone's change of clocks once: hours, never a lot.
        expect(aside).toBeLessThan(DAY_MS / 2);
      }),
      { numRuns: 100 },
    );
  });

  it('answers for a past instant as it did then, whatever was changed since, and keeps the lot that it named', () => {
    fc.assert(
      fc.property(stories([...WITH_CLOCK_CHANGES, ...WITHOUT]), fc.nat(40 * DAY_MS), (story, later) => {
        const rows = rowsOf(story);
        const at = instant(story.createdAt + later);
        const asked = dailyPeriodAt(rows, at);
        const inForce = rows.filter(({ effectiveAt }) => effectiveAt <= at);
        expect(dailyPeriodAt(inForce, at)).toEqual(asked);
        const [final] = dailyPeriodsBetween(rows, at, instant(at + 1));
        expect(final?.key).toBe(asked?.key);
        expect(final?.end).toBeGreaterThan(at);
        expect((final?.grantedNow ?? -1n) >= (asked?.grantedNow ?? 0n)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('announces with each row a first reset that is not before its N, and N after the change', () => {
    fc.assert(
      fc.property(stories([...WITH_CLOCK_CHANGES, ...WITHOUT]), (story) => {
        for (const { effectiveAt, resetNotBefore, nextResetAt } of rowsOf(story)) {
          expect(resetNotBefore).toBeGreaterThan(effectiveAt);
          expect(nextResetAt).toBeGreaterThanOrEqual(resetNotBefore);
        }
      }),
      { numRuns: 100 },
    );
  });
});
