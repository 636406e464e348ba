// Goal: what follows from a row of usage is right at its edges. Method: figures worked out by hand.
import { describe, expect, it } from '@jest/globals';
import { microCredits } from '../amounts/micro-credits.js';
import { NO_USE } from '../metering/meters.js';
import { averageCharge, netOf, systemShareOf, usageBeyond } from './usage.js';

const money = (amount: bigint) => microCredits(amount);

describe('a row of usage', () => {
  it('has an average that is rounded half up, and none without a job', () => {
    expect(averageCharge({ charged: money(5n), jobs: 2 })).toBe(3n);
    expect(averageCharge({ charged: money(4n), jobs: 3 })).toBe(1n);
    expect(averageCharge({ charged: money(0n), jobs: 0 })).toBeNull();
  });

  it('is below nothing where more came back than was charged in that time', () => {
    expect(netOf({ charged: money(1n), refunded: money(3n) })).toBe(-2n);
  });

  it('tells the share of system context among the three pools that are read', () => {
    const use = { ...NO_USE, input: 600, cachedInput: 300, cacheWrite: 100, output: 9_000, system: 250 };
    expect(systemShareOf(use)).toBe(0.25);
    expect(systemShareOf({ ...use, system: 2_000 })).toBe(1);
    expect(systemShareOf({ ...NO_USE, output: 5 })).toBeNull();
  });

  it('leaves to the rest exactly what the rows do not have', () => {
    const row = (charged: bigint, input: number) => ({
      jobs: 1,
      charged: money(charged),
      refunded: money(1n),
      used: { ...NO_USE, input },
    });
    const rest = usageBeyond(row(10n, 50), [row(3n, 20), row(4n, 10)]);
    expect(rest).toEqual({ charged: 3n, refunded: -1n, used: { ...NO_USE, input: 20 } });
  });
});
