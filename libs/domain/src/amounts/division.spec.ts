// Goal: each named rounding is the one it says. Method: against the definition in whole numbers, never in floats.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ceilDiv, floorDiv, halfUpDiv, largestRemainder } from './division.js';

const dividend = fc.bigInt(-(10n ** 24n), 10n ** 24n);
const divisor = fc.bigInt(1n, 10n ** 12n);

describe('the three roundings', () => {
  it('floor is the largest whole number that is not above the quotient', () => {
    fc.assert(
      fc.property(dividend, divisor, (a, b) => {
        const q = floorDiv(a, b);
        expect(q * b <= a && a < (q + 1n) * b).toBe(true);
      }),
    );
  });

  it('ceiling is the smallest whole number that is not below the quotient', () => {
    fc.assert(
      fc.property(dividend, divisor, (a, b) => {
        const q = ceilDiv(a, b);
        expect((q - 1n) * b < a && a <= q * b).toBe(true);
      }),
    );
  });

  it('half up is at most half away, and upwards at exactly half', () => {
    fc.assert(
      fc.property(dividend, divisor, (a, b) => {
        const q = halfUpDiv(a, b);
        const twiceOff = 2n * (q * b - a);
        expect(-b < twiceOff && twiceOff <= b).toBe(true);
      }),
    );
    expect([1n, 3n, -1n, -3n].map((a) => halfUpDiv(a, 2n))).toEqual([1n, 2n, 0n, -1n]);
    expect([4n, 5n, 14n, 15n].map((a) => halfUpDiv(a, 10n))).toEqual([0n, 1n, 1n, 2n]);
  });

  it.each([floorDiv, ceilDiv, halfUpDiv])('%p refuses a divisor that is not positive', (divide) => {
    expect(() => divide(1n, 0n)).toThrow(RangeError);
    expect(() => divide(1n, -2n)).toThrow(RangeError);
  });
});

describe('largestRemainder', () => {
  const weights = fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 12 });
  const total = fc.bigInt(0n, 10n ** 15n);

  it('splits to the last micro-credit, each part within one of its share', () => {
    fc.assert(
      fc.property(total, weights, (whole, shares) => {
        const parts = largestRemainder(whole, shares);
        const sum = shares.reduce((a, b) => a + b, 0n);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(whole);
        if (sum === 0n) return;
        parts.forEach((part, index) => {
          const share = (shares[index] ?? 0n) * whole;
          expect(part * sum > share - sum && part * sum < share + sum).toBe(true);
        });
      }),
    );
  });

  it('gives what is left to the largest remainders, in a tie to the earlier part', () => {
    expect(largestRemainder(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(largestRemainder(2n, [1n, 1n, 1n])).toEqual([1n, 1n, 0n]);
    expect(largestRemainder(10n, [2n, 5n, 8n])).toEqual([2n, 3n, 5n]);
    expect(largestRemainder(1n, [1n, 2n])).toEqual([0n, 1n]);
  });

  it('knows the odd cases: no weights, all weights nothing, amounts below nothing', () => {
    expect(largestRemainder(0n, [])).toEqual([]);
    expect(() => largestRemainder(1n, [])).toThrow(RangeError);
    expect(largestRemainder(7n, [0n, 0n])).toEqual([7n, 0n]);
    expect(() => largestRemainder(-1n, [1n])).toThrow(RangeError);
    expect(() => largestRemainder(1n, [1n, -1n])).toThrow(RangeError);
  });
});
