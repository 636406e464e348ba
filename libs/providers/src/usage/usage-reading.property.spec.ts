// Goal: whatever a provider reports, the pools are whole, never negative, and never more than was reported.
// Method: properties over honest counts and over any JSON value in place of a count.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asPartial, readUsage, UNMETERED } from './usage-reading.js';

const count = fc.nat(1_000_000_000);
const anything = fc.oneof(count, fc.integer(), fc.double(), fc.jsonValue(), fc.constant(undefined));
const custom = fc.record({ inputIncludesCache: fc.boolean(), outputIncludesReasoning: fc.boolean() });

const honest = fc.record({ input: count, cachedInput: count, cacheWrite: count, output: count, reasoning: count });

function reportOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({ input: value, cachedInput: value, cacheWrite: value, output: value, reasoning: value });
}

describe('readUsage', () => {
  it('gives whole counts that are never negative, or says that it is unmetered', () => {
    fc.assert(
      fc.property(reportOf(anything), custom, (report, how) => {
        const { usage, flags } = readUsage(report, how);
        expect(usage === null).toBe(flags.includes('unmetered'));
        for (const pool of Object.values(usage ?? {}) as unknown[]) {
          expect(Number.isSafeInteger(pool)).toBe(true);
          expect(pool).toBeGreaterThanOrEqual(0);
          expect(Object.is(pool, -0)).toBe(false);
        }
      }),
    );
  });

  it('[edge 50] splits supersets so that the pools add up to what was reported, also when cached exceeds input', () => {
    const supersets = { inputIncludesCache: true, outputIncludesReasoning: true };
    fc.assert(
      fc.property(honest, (report) => {
        const { input, cachedInput, cacheWrite, output, reasoning } = report;
        const { usage, flags } = readUsage(report, supersets);
        expect((usage?.input ?? -1) + (usage?.cachedInput ?? 0) + (usage?.cacheWrite ?? 0)).toBe(input);
        expect((usage?.output ?? -1) + (usage?.reasoning ?? 0)).toBe(output);
        expect(flags.includes('cached_over_input')).toBe(cachedInput + cacheWrite > input);
        expect(flags.includes('reasoning_over_output')).toBe(reasoning > output);
      }),
    );
  });

  it.each([
    [{ input: '7', output: 1 }, ['unmetered', 'malformed']],
    [{ input: 1.5, output: 1 }, ['unmetered', 'malformed']],
    [{ input: 2 ** 53, output: 1 }, ['unmetered', 'malformed']],
    [{ input: 1, output: 1, reasoning: -1 }, ['unmetered', 'negative']],
    [{ input: 1 }, ['unmetered']],
  ])('doubts %j', (report, flags) => {
    const reading = readUsage(report, { inputIncludesCache: true, outputIncludesReasoning: true });
    expect(reading).toEqual({ usage: null, flags });
  });

  it('marks a reading of a broken stream partial, except where there is none', () => {
    const reading = readUsage({ input: 1, output: 2 }, { inputIncludesCache: false, outputIncludesReasoning: false });
    expect(asPartial(reading).flags).toEqual(['partial']);
    expect(asPartial(UNMETERED)).toEqual(UNMETERED);
  });
});
