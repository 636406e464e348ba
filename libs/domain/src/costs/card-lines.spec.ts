// Domain room. Goal: the lines of a card are exact and add up to the charge. Method: random prices and meters, against
// the charge as a step is charged it; and figures reckoned by hand.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byTokens, cardWith, creditsOf, priceFor, unitPriceFor, use } from '../../../../test/harness/orders.js';
import { microCredits } from '../amounts/micro-credits.js';
import { chargeOf } from '../pricing/charge.js';
import type { StepPrice } from '../pricing/rate-card.js';
import { formatExactCredits, reckon, reckonStep } from './card-lines.js';
import { showCharge } from './shown-credits.js';

const count = fc.oneof(fc.nat(20), fc.nat(5_000_000));
const meters = fc
  .record({
    input: count,
    cachedInput: count,
    cacheWrite: count,
    output: count,
    reasoning: count,
    calls: fc.nat(50),
    milliseconds: count,
    bytes: count,
  })
  .map(use);
const rate = fc.oneof(fc.bigInt(0n, 30n), fc.bigInt(0n, 3_000_000_000n)).map(microCredits);
const price: fc.Arbitrary<StepPrice> = fc.oneof(
  fc
    .record({ input: rate, cachedInput: rate, cacheWrite: rate, output: rate, reasoning: rate })
    .map((rates) => byTokens(priceFor({ rates }))),
  fc
    .record({ perCall: rate, perSecond: rate, perMillionBytes: rate })
    .map((rates): StepPrice => ({ pricedBy: 'units', price: unitPriceFor({ rates }) })),
);

describe('the lines of a card', () => {
  it('[C28] [C2] with their rounding are the charge of the step, to the micro-credit', () => {
    fc.assert(
      fc.property(price, meters, (paid, used) => {
        const { lines, exact, rounding, rounded } = reckon(paid, used);
        expect(rounded).toBe(chargeOf(paid, used));
        expect(lines.reduce((sum, line) => sum + line.exact, 0n)).toBe(exact);
        expect(exact + rounding).toBe(rounded * 1_000_000n);
        expect(rounding > -500_000n && rounding <= 500_000n).toBe(true);
      }),
    );
  });

  it('[C6] of a tool are its calls, seconds and bytes', () => {
    const used = use({ calls: 2, milliseconds: 1_500, bytes: 250_000 });
    const { lines, rounded } = reckon({ pricedBy: 'units', price: unitPriceFor() }, used);
    expect(lines.map(({ meter, exact }) => [meter, formatExactCredits(exact)])).toEqual([
      ['calls', '0.020000000000'],
      ['milliseconds', '0.003000000000'],
      ['bytes', '0.025000000000'],
    ]);
    expect(rounded).toBe(creditsOf('0.048'));
  });

  it('keep what no charge can hold: twelve decimals, and what rounding made of them', () => {
    const rates = { ...priceFor().rates, input: creditsOf('0.4'), output: creditsOf('1.5') };
    const { lines, rounding, rounded } = reckon(byTokens(priceFor({ rates })), use({ input: 1, output: 1 }));
    expect(lines.filter(({ quantity }) => quantity > 0).map(({ exact }) => formatExactCredits(exact))).toEqual([
      '0.000000400000',
      '0.000001500000',
    ]);
    expect([formatExactCredits(rounding), rounded]).toEqual(['0.000000100000', 2n]);
    expect(formatExactCredits(-1n)).toBe('-0.000000000001');
  });

  it('are none where the card has no such model, and cost nothing where it has no such tool', () => {
    expect(reckonStep(cardWith(), { model: 'gone', tool: null }, use({ input: 5 }))).toBeNull();
    expect(reckonStep(cardWith(), { model: null, tool: 'tool.write' }, use({ calls: 5 }))).toMatchObject({
      rounded: 0n,
    });
  });
});

describe('a charge to show', () => {
  it('[edge 45] [edge 44] is rounded half up, once, from the exact sum and not from shown parts', () => {
    const parts = ['0.04', '0.04', '0.04'].map(creditsOf);
    expect(parts.map(showCharge)).toEqual(['0.0', '0.0', '0.0']);
    expect(showCharge(microCredits(parts.reduce<bigint>((sum, part) => sum + part, 0n)))).toBe('0.1');
    expect(['0.100001', '0.149999', '0.15', '0.95', '12'].map((text) => showCharge(creditsOf(text)))).toEqual([
      '0.1',
      '0.1',
      '0.2',
      '1.0',
      '12.0',
    ]);
  });
});
