// Test harness. What the runtime's own date formatting shows of the time zones: when their clocks jump, and the first
// instant of each date, found without the calendar under test.

/** Names that the IANA database keeps for older spellings; the runtime takes them, but does not list them. */
const ALIASES: readonly (readonly [area: string, names: string])[] = [
  [
    '',
    'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong ' +
      'Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland ' +
      'Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu',
  ],
  ['Africa/', 'Asmara Timbuktu'],
  [
    'America/',
    'Atikokan Atka Ensenada Fort_Wayne Knox_IN Montreal Nipigon Nuuk Pangnirtung Porto_Acre Rainy_River ' +
      'Rosario Santa_Isabel Shiprock Thunder_Bay Virgin Yellowknife',
  ],
  ['America/Argentina/', 'Buenos_Aires Catamarca ComodRivadavia Cordoba Jujuy Mendoza'],
  ['America/Indiana/', 'Indianapolis'],
  ['America/Kentucky/', 'Louisville'],
  ['Antarctica/', 'South_Pole'],
  [
    'Asia/',
    'Ashkhabad Choibalsan Chongqing Chungking Dacca Harbin Ho_Chi_Minh Istanbul Kashgar Kathmandu Kolkata ' +
      'Macao Tel_Aviv Thimbu Ujung_Pandang Ulan_Bator Yangon',
  ],
  ['Atlantic/', 'Faroe Jan_Mayen'],
  ['Australia/', 'ACT Canberra Currie LHI NSW North Queensland South Tasmania Victoria West Yancowinna'],
  ['Brazil/', 'Acre DeNoronha East West'],
  ['Canada/', 'Atlantic Central Eastern Mountain Newfoundland Pacific Saskatchewan Yukon'],
  ['Chile/', 'Continental EasterIsland'],
  [
    'Etc/',
    'GMT GMT+0 GMT+1 GMT+10 GMT+11 GMT+12 GMT+2 GMT+3 GMT+4 GMT+5 GMT+6 GMT+7 GMT+8 GMT+9 GMT-0 GMT-1 GMT-10 ' +
      'GMT-11 GMT-12 GMT-13 GMT-14 GMT-2 GMT-3 GMT-4 GMT-5 GMT-6 GMT-7 GMT-8 GMT-9 GMT0 Greenwich UCT UTC ' +
      'Universal Zulu',
  ],
  ['Europe/', 'Belfast Kyiv Nicosia Tiraspol Uzhgorod Zaporozhye'],
  ['Mexico/', 'BajaNorte BajaSur General'],
  ['Pacific/', 'Chuuk Johnston Kanton Pohnpei Samoa Yap'],
  [
    'US/',
    'Alaska Aleutian Arizona Central East-Indiana Eastern Hawaii Indiana-Starke Michigan Mountain Pacific ' + 'Samoa',
  ],
];

export const ALIAS_NAMES: readonly string[] = ALIASES.flatMap(([area, names]) =>
  names.split(' ').map((name) => `${area}${name}`),
);

export const DAY_MS = 86_400_000;

/** From `from` on the clocks are `offset` ahead of UTC, until the next span. */
export interface Span {
  readonly from: number;
  readonly offset: number;
}

export interface ObservedZone {
  /** Zones whose clocks always agree within the window: the first stands for all. */
  readonly names: readonly [string, ...string[]];
  readonly spans: readonly Span[];
}

export interface Window {
  readonly from: number;
  readonly to: number;
  /** How far apart the clocks are looked at; two jumps that undo each other within one step are not seen. */
  readonly step: number;
}

const MINUTE_MS = 60_000;

/** The offset that the runtime's formatting shows, in milliseconds. */
export function offsetReader(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const shown = format.format(at).match(/\d+/g)?.map(Number) ?? [];
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
}

/** Jumps are found to the minute: no zone has had another since 1972. */
export function observedSpans(zone: string, { from, to, step }: Window): Span[] {
  const offsetAt = offsetReader(zone);
  const spans = [{ from: -Infinity, offset: offsetAt(from) }];
  let before = offsetAt(from);
  for (let at = from; at < to; at += step) {
    const after = offsetAt(at + step);
    if (after === before) continue;
    let [low, high] = [at, at + step];
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    spans.push({ from: high, offset: offsetAt(high) });
    // A step with two jumps in it, which do not undo each other: go on behind the first.
    before = offsetAt(high);
    at = high - step;
  }
  return spans;
}

export function observedZones(window: Window): ObservedZone[] {
  const alike = new Map<string, { names: [string, ...string[]]; spans: Span[] }>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const spans = observedSpans(zone, window);
    const key = JSON.stringify(spans);
    const found = alike.get(key);
    if (found === undefined) alike.set(key, { names: [zone], spans });
    else found.names.push(zone);
  }
  return [...alike.values()];
}

/** The first instant at which the clocks show this date (days since 1970) or a later one. */
export function firstInstantOfDate(spans: readonly Span[], epochDay: number): number {
  const local = epochDay * DAY_MS;
  for (const [index, { from, offset }] of spans.entries()) {
    const reached = Math.max(from, local - offset);
    if (reached < (spans[index + 1]?.from ?? Infinity)) return reached;
  }
  throw new Error(`no instant shows day ${epochDay}`);
}

/** The day around `at`: the last date begun by then, and the next one to begin. Skipped dates begin with their next. */
export function observedDay(spans: readonly Span[], at: number): { start: number; end: number } {
  const offset = spans.findLast(({ from }) => from <= at)?.offset ?? 0;
  let epochDay = Math.floor((at + offset) / DAY_MS);
  while (firstInstantOfDate(spans, epochDay + 1) <= at) epochDay += 1;
  return { start: firstInstantOfDate(spans, epochDay), end: firstInstantOfDate(spans, epochDay + 1) };
}
