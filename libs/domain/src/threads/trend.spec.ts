// Goal: the trend of a thread says what its later half reads beside its earlier one. Method: figures worked out by
// hand, on both sides of each bound.
import { describe, expect, it } from '@jest/globals';
import { trendOf } from './trend.js';

const of = (...read: number[]) => trendOf(read.map((readTokens) => ({ readTokens })));

describe('the trend of a thread', () => {
  it('[E38] grows where later messages read a quarter more than earlier ones, and not below', () => {
    expect(of(100, 100, 125, 125)).toEqual({ direction: 'growing', percent: 125 });
    expect(of(100, 100, 124, 124)).toEqual({ direction: 'steady', percent: 124 });
    expect(of(100, 100, 81, 81)).toEqual({ direction: 'steady', percent: 81 });
    expect(of(100, 100, 80, 80)).toEqual({ direction: 'falling', percent: 80 });
  });

  it('is unknown of fewer than four messages that were read', () => {
    expect(of()).toEqual({ direction: 'unknown', percent: null });
    expect(of(100, 0, 900, 900)).toEqual({ direction: 'unknown', percent: null });
  });

  it('leaves the one in the middle out', () => {
    expect(of(100, 100, 9_000, 100, 100)).toEqual({ direction: 'steady', percent: 100 });
  });
});
