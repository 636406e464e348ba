// Goal: no jump of the clocks hides between those that the quick walk looks at. Method: all days of twenty years, one
// walk for zones whose clocks agree. It needs no server; it is among those suites because it takes a minute or two.
import { describe, expect, it } from '@jest/globals';
import { TWENTY_YEARS, walkDays } from '../../../../test/harness/day-walk.js';
import { DAY_MS, observedSpans, observedZones } from '../../../../test/harness/zone-transitions.js';

const zones = observedZones({ ...TWENTY_YEARS, step: 10 * DAY_MS });
const alike = zones.map((zone) => ({ zone, name: zone.names[0] }));

describe('all days of twenty years', () => {
  it.each(alike)('[edge 6] [edge 7] [edge 8] one lot for each local date: $name', ({ zone }) => {
    const { days, wrong } = walkDays(zone, TWENTY_YEARS.from, TWENTY_YEARS.to);
    expect(wrong).toEqual([]);
    expect(days).toBeGreaterThan(7_300);
  });

  it.each(alike)('hide no jump between two looks ten days apart: $name and those alike', ({ zone }) => {
    for (const name of zone.names) {
      expect([name, observedSpans(name, { ...TWENTY_YEARS, step: DAY_MS })]).toEqual([name, zone.spans]);
    }
  });
});
