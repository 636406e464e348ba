// Goal: in every zone of the runtime each local date gets one lot, none twice, none missing, near every jump of its
// clocks in twenty years. Method: lots are held against what the runtime's own date formatting shows.
import { describe, expect, it } from '@jest/globals';
import { nearJumps, TWENTY_YEARS, walkDays } from '../../../../test/harness/day-walk.js';
import { ALIAS_NAMES, DAY_MS, observedZones } from '../../../../test/harness/zone-transitions.js';
import { dayAt } from './day.js';
import { instant } from './instant.js';

// Ten days apart: the shortest time that a zone of these years keeps an offset is a Ramadan.
const zones = observedZones({ ...TWENTY_YEARS, step: 10 * DAY_MS });
const areas = [...new Set(zones.map(({ names: [zone] }) => zone.split('/')[0] ?? zone))];

describe('all zones, two days to either side of each jump', () => {
  it('are all there', () => {
    expect(zones.flatMap(({ names }) => names)).toHaveLength(Intl.supportedValuesOf('timeZone').length);
    expect(zones.flatMap(({ spans }) => spans.slice(1)).length).toBeGreaterThan(2_000);
  });

  it.each(areas)('[edge 6] [edge 7] [edge 8] one lot for each local date: %s', (area) => {
    const walks = zones
      .filter(({ names: [zone] }) => zone.split('/')[0] === area)
      .flatMap((zone) => [
        walkDays(zone, TWENTY_YEARS.from, TWENTY_YEARS.from + 3 * DAY_MS),
        ...nearJumps(zone, 2).map(({ from, to }) => walkDays(zone, from, to)),
      ]);
    expect(walks.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(walks.reduce((sum, { days }) => sum + days, 0)).toBeGreaterThan(2);
  });

  it('[edge 12] an alias has the days of its zone, near its jumps too', () => {
    const differing = ALIAS_NAMES.filter((alias) => {
      const runtimeName = new Intl.DateTimeFormat('en', { timeZone: alias }).resolvedOptions().timeZone;
      const zone = zones.find(({ names }) => names.includes(runtimeName));
      const jump = zone?.spans.at(-1)?.from ?? -Infinity;
      const asked = instant(Math.max(jump, TWENTY_YEARS.from) + 3_600_000);
      const [days, expected] = [dayAt(alias, asked), dayAt(zone?.names[0] ?? runtimeName, asked)];
      return days.start !== expected.start || days.end !== expected.end;
    });
    expect(differing).toEqual([]);
  });
});
