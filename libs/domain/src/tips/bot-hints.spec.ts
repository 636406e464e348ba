// What an owner is told about a bot: by measurement, at the edge of each threshold, quality before offers.
import { describe, expect, it } from '@jest/globals';
import { microCredits } from '../amounts/micro-credits.js';
import { NO_GUIDE } from '../bots/guide.js';
import { ALL_EXTRAS, NO_EXTRAS } from '../jobs/extras.js';
import { NO_USE } from '../metering/meters.js';
import type { BotToMeasure } from './bot-hints.js';
import { botHints, measureBot, OFFER_HINT_CODES, QUALITY_HINT_CODES } from './bot-hints.js';

const part = { version: 1, bytes: 10, tokens: 3 };
const QUIET: BotToMeasure = {
  type: 'coding',
  guide: { profile: part, snippets: part, style_guide: part },
  extras: NO_EXTRAS,
  jobs: 100,
  used: { ...NO_USE, input: 100, calls: 100 },
  spent: microCredits(1n),
  available: microCredits(1_000n),
};
const codesOf = (of: Partial<BotToMeasure>): string[] =>
  botHints(measureBot({ ...QUIET, ...of })).map(({ code }) => code);

describe('hints of a bot', () => {
  it('[A17] name task quality first and a larger plan last, for a bot that spends a lot', () => {
    const dear: Partial<BotToMeasure> = {
      guide: NO_GUIDE,
      extras: ALL_EXTRAS,
      used: { ...NO_USE, input: 900_000, calls: 100 },
      spent: microCredits(800n),
      available: microCredits(200n),
    };
    expect(codesOf(dear)).toEqual([...QUALITY_HINT_CODES, ...OFFER_HINT_CODES]);
    expect(codesOf(dear).at(-1)).toBe('upgrade_plan');
    expect(botHints(measureBot({ ...QUIET, ...dear })).map(({ kind }) => kind)).toEqual([
      ...QUALITY_HINT_CODES.map(() => 'quality'),
      ...OFFER_HINT_CODES.map(() => 'offer'),
    ]);
  });

  it('are given at a threshold and not below it', () => {
    expect(codesOf({})).toEqual([]);
    expect(codesOf({ used: { ...NO_USE, input: 399_999, calls: 100 } })).toEqual([]);
    expect(codesOf({ used: { ...NO_USE, input: 399_000, cacheWrite: 1_000, calls: 100 } })).toEqual([
      'shorten_prompts',
    ]);
    expect(codesOf({ guide: NO_GUIDE, jobs: 4 })).toEqual(['write_profile']);
    expect(codesOf({ guide: { ...QUIET.guide, snippets: { ...part, bytes: 0 } }, jobs: 5 })).toEqual(['add_snippets']);
    expect(codesOf({ extras: { ...ALL_EXTRAS, zip: false } })).toEqual(['fewer_extras']);
    expect(codesOf({ extras: ALL_EXTRAS, type: 'chat' })).toEqual([]);
    expect(codesOf({ spent: microCredits(499n), available: microCredits(501n) })).toEqual([]);
    expect(codesOf({ spent: microCredits(1n), available: microCredits(1n) })).toEqual(['buy_credits']);
    expect(codesOf({ spent: microCredits(5n), available: microCredits(0n) })).toEqual(['buy_credits', 'upgrade_plan']);
  });

  it('say nothing of a bot that nobody has used', () => {
    const unused = { guide: NO_GUIDE, extras: ALL_EXTRAS, jobs: 0, used: NO_USE, spent: microCredits(0n) };
    expect(codesOf({ ...unused, available: microCredits(0n) })).toEqual([]);
  });
});
