// What a caller says that a provider counted becomes exclusive pools, whatever it says.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exclusivePools, systemWithin } from './reported-meters.js';

const told = { input: 1_000, cachedInput: 400, cacheWrite: 100, output: 300, reasoning: 50 };
const count = fc.integer({ min: 0, max: 1_000_000 });
const usage = fc.record({ input: count, cachedInput: count, cacheWrite: count, output: count, reasoning: count });

describe('exclusivePools', () => {
  it('counts no token twice', () => {
    expect(exclusivePools(told)).toEqual({
      tokens: { input: 500, cachedInput: 400, cacheWrite: 100, output: 250, reasoning: 50 },
      flags: [],
    });
  });

  it.each([
    { what: 'cached tokens', given: { cachedInput: 901 }, flags: ['cached_over_input'] },
    { what: 'cached and written tokens together', given: { cacheWrite: 601 }, flags: ['cached_over_input'] },
    { what: 'reasoning', given: { reasoning: 301 }, flags: ['reasoning_over_output'] },
  ])('[edge 50] clamps and flags $what beyond what they are part of, and nothing at the bound', ({ given, flags }) => {
    expect(exclusivePools({ ...told, ...given }).flags).toEqual(flags);
    const [[name, value] = ['', 0]] = Object.entries(given);
    expect(exclusivePools({ ...told, [name]: value - 1 }).flags).toEqual([]);
  });

  it('[edge 50] never charges for more than was read and written, nor for less', () => {
    fc.assert(
      fc.property(usage, (given) => {
        const { tokens } = exclusivePools(given);
        expect(Object.values(tokens).every((pool) => pool >= 0)).toBe(true);
        expect(tokens.input + tokens.cachedInput + tokens.cacheWrite).toBe(given.input);
        expect(tokens.output + tokens.reasoning).toBe(given.output);
      }),
    );
  });
});

describe('systemWithin', () => {
  const { tokens } = exclusivePools(told);

  it('keeps the share of system context inside what was read', () => {
    expect(systemWithin(tokens, 1_000)).toEqual({ system: 1_000, flags: [] });
    expect(systemWithin(tokens, 1_001)).toEqual({ system: 1_000, flags: ['system_over_input'] });
  });
});
