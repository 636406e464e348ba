// Goal: a subscription that began on the 28th to the 31st keeps its day for five years, in every zone of the runtime:
// boundaries strictly rise, fall on the anchor's own day or the last of a shorter month, and never drift.
import { describe, expect, it } from '@jest/globals';
import { DAY_MS, observedZones } from '../../../../test/harness/zone-transitions.js';
import { Temporal } from './calendar.js';
import { type Instant, instant } from './instant.js';
import { anchorAt, boundary } from './month.js';
import { MONTHLY } from './period-rule.js';

const FIVE_YEARS = 60;
const START_DAYS = [28, 29, 30, 31] as const;
const zones = observedZones({ from: Date.UTC(2027, 0, 1), to: Date.UTC(2032, 1, 1), step: 10 * DAY_MS });

const local = (zone: string, at: Instant): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime();

/** Half past two at night: the time that clocks jump over, and show twice, in most zones that have summer time. */
function wrongMonths(zone: string, day: number): readonly string[] {
  const start = Temporal.PlainDateTime.from({ year: 2027, month: 1, day, hour: 2, minute: 30 }).toZonedDateTime(zone);
  const anchor = anchorAt(zone, instant(start.epochMilliseconds));
  const wrong: string[] = [];
  let before = anchor.at;
  for (let k = 1; k <= FIVE_YEARS; k += 1) {
    const at = boundary(anchor, MONTHLY, k);
    const shown = local(zone, at);
    const expectedDay = Math.min(day, shown.daysInMonth);
    const rises = at > before && at - before >= 27 * DAY_MS && at - before <= 32 * DAY_MS;
    if (!rises || shown.day !== expectedDay) wrong.push(`${zone} ${day} + ${k} months: ${shown.toString()}`);
    before = at;
  }
  return wrong;
}

describe('monthly boundaries over five years', () => {
  it.each(START_DAYS)('[edge 1] [edge 2] of a %dth strictly rise and keep their day, in every zone', (day) => {
    expect(zones.flatMap(({ names: [zone] }) => wrongMonths(zone, day))).toEqual([]);
  });
});
