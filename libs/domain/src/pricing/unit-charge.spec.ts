// Goal: what is used by call, second and byte is charged like tokens are, and fits into the hold that was made for it.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cardWith, creditsOf, dollarsOf, priceFor, unitPriceFor, use } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { chargeOf, forecastStep, realCostOf, tokenCharge, unitWorstCase } from './charge.js';
import { parseDollars } from './micro-dollars.js';
import type { StepPrice, UnitPrice } from './rate-card.js';
import { unitPriceOf } from './rate-card.js';

const byUnits = (price: UnitPrice): StepPrice => ({ pricedBy: 'units', price });
const rate = fc.bigInt(0n, 3_000_000_000n).map((value) => value as MicroCredits);
const prices: fc.Arbitrary<UnitPrice> = fc
  .record({
    rates: fc.record({ perCall: rate, perSecond: rate, perMillionBytes: rate }),
    seconds: fc.integer({ min: 1, max: 900 }),
    bytes: fc.integer({ min: 1, max: 50_000_000 }),
  })
  .map(({ rates, seconds, bytes }) => unitPriceFor({ rates, most: { seconds, bytes } }));

describe('a step that is priced by units', () => {
  it('[C6] has no tokens and a charge: its calls, its seconds and its bytes, each at its rate', () => {
    const price = byUnits(unitPriceFor());
    expect(chargeOf(price, use({ calls: 1 }))).toBe(creditsOf('0.01'));
    expect(chargeOf(price, use({ calls: 1, milliseconds: 2_500, bytes: 1_500_000 }))).toBe(creditsOf('0.165'));
    expect(chargeOf(price, use({ input: 1_000, output: 1_000 }))).toBe(0n);
  });

  it('rounds the whole once, half up, to one micro-credit', () => {
    const rates = { perCall: 0n, perSecond: 500n, perMillionBytes: 500_000n } as UnitPrice['rates'];
    const price = byUnits(unitPriceFor({ rates }));
    expect(chargeOf(price, use({ milliseconds: 1 }))).toBe(1n);
    expect(chargeOf(price, use({ milliseconds: 1, bytes: 1 }))).toBe(1n);
    expect(chargeOf(price, use({ bytes: 1 }))).toBe(1n);
    expect(chargeOf(price, use({ milliseconds: 2, bytes: 1 }))).toBe(2n);
  });

  it('[C5] never falls when one meter grows, and always fits into its hold', () => {
    fc.assert(
      fc.property(prices, fc.nat(900_000), fc.nat(50_000_000), (price, wishedMs, wishedBytes) => {
        const milliseconds = Math.min(wishedMs, price.most.seconds * 1_000);
        const bytes = Math.min(wishedBytes, price.most.bytes);
        const charge = chargeOf(byUnits(price), use({ calls: 1, milliseconds, bytes }));
        expect(charge <= unitWorstCase(price)).toBe(true);
        for (const more of [{ calls: 2 }, { milliseconds: milliseconds + 1 }, { bytes: bytes + 1 }]) {
          expect(chargeOf(byUnits(price), use({ calls: 1, milliseconds, bytes, ...more })) >= charge).toBe(true);
        }
      }),
    );
  });

  it('holds one call as long and as large as the card allows, rounded up, or says what it needs', () => {
    const price = unitPriceFor();
    expect(forecastStep(byUnits(price), null, creditsOf('1'))).toEqual({ hold: creditsOf('0.23'), maxOutputTokens: 0 });
    expect(forecastStep(byUnits(price), null, creditsOf('0.22'))).toEqual({ needs: creditsOf('0.23') });
    const tiny = { perCall: 0n, perSecond: 0n, perMillionBytes: 1n } as UnitPrice['rates'];
    expect(unitWorstCase(unitPriceFor({ rates: tiny, most: { seconds: 1, bytes: 1 } }))).toBe(1n);
  });

  it('is on the card by its name', () => {
    const card = { ...cardWith(), units: [unitPriceFor({ item: 'tool.write' })] };
    expect(unitPriceOf(card, 'tool.write')?.item).toBe('tool.write');
    expect(unitPriceOf(card, 'tool.read')).toBeUndefined();
  });
});

describe('a step that is priced by tokens', () => {
  it('[C2] is charged meters times rates of its card', () => {
    const meters = use({ input: 1_000, output: 200, calls: 1, milliseconds: 9_000, bytes: 4_000 });
    expect(chargeOf({ pricedBy: 'tokens', price: priceFor() }, meters)).toBe(tokenCharge(priceFor().rates, meters));
  });

  it('job.no-provider-call-without-hold: is not forecast without what it needs', () => {
    expect(() => forecastStep({ pricedBy: 'tokens', price: priceFor() }, null, creditsOf('1'))).toThrow(
      /job\.no-provider-call-without-hold/,
    );
  });
});

describe('real cost', () => {
  it('[C3] is kept in millionths of a dollar beside the charge, for tokens and for units', () => {
    const meters = use({ input: 1_000_000, output: 100_000, calls: 1, milliseconds: 2_000, bytes: 1_000_000 });
    expect(realCostOf({ pricedBy: 'tokens', price: priceFor() }, meters)).toBe(4_500_000n);
    expect(realCostOf(byUnits(unitPriceFor()), meters)).toBe(120n);
    const none = { perCall: dollarsOf('0'), perSecond: dollarsOf('0'), perMillionBytes: dollarsOf('0') };
    expect(realCostOf(byUnits(unitPriceFor({ realCost: none })), meters)).toBe(0n);
  });

  it('is read from a decimal text of dollars and from nothing else', () => {
    expect(parseDollars('3.75')).toBe(3_750_000n);
    expect(dollarsOf('0.003625')).toBe(3_625n);
    for (const text of ['-1', '1e3', '1.0000001', '', '01', ' 1']) expect(parseDollars(text)).toBeUndefined();
  });
});
