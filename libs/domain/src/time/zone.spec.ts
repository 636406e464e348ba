// Goal: a zone name is kept as it was set, in IANA spelling, and whatever is no name of a zone is refused.
import { describe, expect, it } from '@jest/globals';
import { ALIAS_NAMES } from '../../../../test/harness/zone-transitions.js';
import { dayAt } from './day.js';
import { instant } from './instant.js';
import { zoneName } from './zone.js';

const listed = Intl.supportedValuesOf('timeZone');
const runtimeName = (zone: string): string =>
  new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;

describe('zone names', () => {
  it.each([
    '',
    ' ',
    'Z',
    '+01:00',
    '-0500',
    'UTC+1',
    'GMT+1',
    'Mars/Base',
    'Europe',
    'Europe/',
    'Europe//Berlin',
    'Europe/Berlin ',
    'Europe/Berlin\n',
    'Europe/Berlin[u-ca=iso8601]',
    '2026-01-01T00:00[Asia/Tokyo]',
    'Etc/Unknown',
    'Factory',
    'localtime',
    'JST',
    'BST',
    'US/Pacific-New',
    'SystemV/PST8',
    'null',
    'A'.repeat(10_000),
  ])('[edge 12] refuses %j', (text) => {
    expect(zoneName(text)).toEqual({
      ok: false,
      refusal: { code: 'time_zone_invalid', timeZone: text.slice(0, 64) },
    });
  });

  it('[edge 12] keeps every name of the runtime as it was set', () => {
    expect(listed.length).toBeGreaterThan(400);
    for (const name of listed) expect(zoneName(name)).toEqual({ ok: true, value: name });
  });

  it('[edge 12] accepts every alias, keeps it, and gives it the days of the zone it stands for', () => {
    const june = instant(Date.UTC(2026, 5, 15, 12));
    for (const alias of ALIAS_NAMES) {
      expect(zoneName(alias)).toEqual({ ok: true, value: alias });
      expect([alias, dayAt(alias, june)]).toEqual([alias, dayAt(runtimeName(alias), june)]);
    }
  });

  it("keeps Asia/Kolkata and Europe/Kyiv, whatever the runtime's own name for them", () => {
    expect(zoneName('Asia/Kolkata')).toEqual({ ok: true, value: 'Asia/Kolkata' });
    expect(zoneName('Asia/Calcutta')).toEqual({ ok: true, value: 'Asia/Calcutta' });
    expect(zoneName('Europe/Kyiv')).toEqual({ ok: true, value: 'Europe/Kyiv' });
  });

  it('writes any spelling of a name as IANA does', () => {
    for (const name of [...listed, ...ALIAS_NAMES]) {
      expect(zoneName(name.toLowerCase())).toEqual({ ok: true, value: name });
      expect(zoneName(name.toUpperCase())).toEqual({ ok: true, value: name });
    }
  });
});
