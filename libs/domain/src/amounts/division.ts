// Domain room. Every division of money names its rounding at the call. Divisors are positive.
function checkDivisor(divisor: bigint): void {
  if (divisor <= 0n) throw new RangeError('a divisor must be positive');
}

export function floorDiv(dividend: bigint, divisor: bigint): bigint {
  checkDivisor(divisor);
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

export function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  return -floorDiv(-dividend, divisor);
}

/** Half goes up: 0.5 becomes 1. The rule for charges (requirements 2.3). */
export function halfUpDiv(dividend: bigint, divisor: bigint): bigint {
  checkDivisor(divisor);
  return floorDiv(2n * dividend + divisor, 2n * divisor);
}

/**
 * Splits `total` over `weights` so that the parts add up to it exactly. What is left after rounding down goes to
 * the largest remainders; a tie goes to the earlier part. All weights 0 puts everything on the first part.
 */
export function largestRemainder(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 0) {
    if (total !== 0n) throw new RangeError('nothing to split over');
    return [];
  }
  if (total < 0n || weights.some((weight) => weight < 0n)) throw new RangeError('a split needs amounts of 0 or more');
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map((_, index) => (index === 0 ? total : 0n));
  const parts = weights.map((weight) => (total * weight) / sum);
  const remainders = weights.map((weight, index) => ({ index, rest: (total * weight) % sum }));
  let left = total - parts.reduce((a, b) => a + b, 0n);
  remainders.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  for (const { index } of remainders) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
}
