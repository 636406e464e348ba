// Goal: an amount survives every form it travels in, digit for digit, and nothing else is taken for one.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MicroCredits } from './micro-credits.js';
import {
  add,
  credits,
  formatCredits,
  formatMicroCredits,
  MAX_MICRO_CREDITS,
  microCredits,
  parseCredits,
  parseMicroCredits,
  shortfall,
  subtract,
} from './micro-credits.js';

const inRange = fc.bigInt(-MAX_MICRO_CREDITS, MAX_MICRO_CREDITS).map((value) => value as MicroCredits);
const payable = fc.bigInt(0n, MAX_MICRO_CREDITS).map((value) => value as MicroCredits);

describe('the HTTP form', () => {
  it('[edge 47] brings every amount of 0 or more back unchanged, up to the largest', () => {
    fc.assert(
      fc.property(payable, (value) => {
        expect(parseCredits(formatCredits(value))).toBe(value);
      }),
      {
        examples: [[MAX_MICRO_CREDITS as MicroCredits], [0n as MicroCredits], [9_007_199_254_740_993n as MicroCredits]],
      },
    );
  });

  it('always shows six decimals, so that equal amounts are equal texts', () => {
    fc.assert(
      fc.property(inRange, (value) => {
        expect(formatCredits(value)).toMatch(/^-?(0|[1-9]\d*)\.\d{6}$/);
      }),
    );
    expect(formatCredits(microCredits(-1n))).toBe('-0.000001');
    expect(formatCredits(microCredits(1_250_000n))).toBe('1.250000');
  });

  it.each([
    ['0', 0n],
    ['0.1', 100_000n],
    ['20', 20_000_000n],
    ['1.25', 1_250_000n],
    ['0.000001', 1n],
  ])('takes %s', (text, value) => {
    expect(parseCredits(text)).toBe(value);
  });

  it.each(
    [
      '',
      '-1',
      '+1',
      '01',
      '1.',
      '.5',
      '1e3',
      '1,5',
      ' 1',
      '1 ',
      '1.0000001',
      '0x1',
      'NaN',
      '١',
      '9223372036854.775808',
    ].map((text) => [text]),
  )('refuses %j', (text) => {
    expect(parseCredits(text)).toBeUndefined();
  });
});

describe('the form of payloads and tables', () => {
  it('[edge 47] brings every amount back unchanged', () => {
    fc.assert(
      fc.property(inRange, (value) => {
        expect(parseMicroCredits(formatMicroCredits(value))).toBe(value);
      }),
    );
  });

  it('accepts only the one canonical text of an amount', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+]?0?\d{0,20}$/)), (text) => {
        let parsed: bigint | undefined;
        try {
          parsed = parseMicroCredits(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(parsed.toString()).toBe(text);
      }),
      { examples: [['-0'], ['00'], ['9223372036854775808'], ['-9223372036854775808']] },
    );
  });
});

describe('arithmetic', () => {
  it('refuses to leave 64 bits in any direction', () => {
    const most = microCredits(MAX_MICRO_CREDITS);
    const least = microCredits(-MAX_MICRO_CREDITS);
    expect(() => add(most, microCredits(1n))).toThrow(RangeError);
    expect(() => subtract(least, microCredits(1n))).toThrow(RangeError);
    expect(() => credits(10n ** 13n)).toThrow(RangeError);
    expect(() => microCredits(MAX_MICRO_CREDITS + 1n)).toThrow(RangeError);
  });

  it('counts a shortfall only upwards', () => {
    fc.assert(
      fc.property(payable, payable, (to, from) => {
        expect(shortfall(to, from)).toBe(to > from ? to - from : 0n);
      }),
    );
  });
});
