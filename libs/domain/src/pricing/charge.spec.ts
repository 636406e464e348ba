// Goal: a charge follows from counts and rates alone, and always fits into the hold that was made for it.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cardWith, creditsOf, priceFor } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { TokenMeters } from '../metering/meters.js';
import { NO_TOKENS } from '../metering/meters.js';
import {
  bandOf,
  forecastStep,
  inputTokensUpTo,
  LEAST_OUTPUT_TOKENS,
  minimumLine,
  tokenCharge,
  worstCase,
} from './charge.js';
import { priceOf } from './rate-card.js';
import type { ModelPrice, StepPrice, TokenRates } from './rate-card.js';

const rate = fc.bigInt(0n, 3_000_000_000n).map((value) => value as MicroCredits);
const rates: fc.Arbitrary<TokenRates> = fc.record({
  input: rate,
  cachedInput: rate,
  cacheWrite: rate,
  output: rate,
  reasoning: rate,
});
const count = fc.nat(2_000_000);
const meters: fc.Arbitrary<TokenMeters> = fc.record({
  input: count,
  cachedInput: count,
  cacheWrite: count,
  output: count,
  reasoning: count,
});
const byTokens = (price: ModelPrice): StepPrice => ({ pricedBy: 'tokens', price });
const POOLS = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] as const;

describe('tokenCharge', () => {
  it('[C28] is the sum of every pool times its rate, rounded once, half up, to one micro-credit', () => {
    fc.assert(
      fc.property(rates, meters, (at, used) => {
        const raw = POOLS.reduce((sum, pool) => sum + BigInt(used[pool]) * at[pool], 0n);
        const twiceOff = 2n * (tokenCharge(at, used) * 1_000_000n - raw);
        expect(-1_000_000n < twiceOff && twiceOff <= 1_000_000n).toBe(true);
      }),
    );
  });

  it('rounds the whole once and not each pool: three pools of 0.5 micro-credits are 2, half of one is 1', () => {
    const half = { ...NO_TOKENS, input: 1, cachedInput: 1, output: 1 };
    const at = { ...priceFor().rates, input: 500_000n, cachedInput: 500_000n, output: 500_000n } as TokenRates;
    expect(tokenCharge(at, half)).toBe(2n);
    expect(tokenCharge(at, { ...NO_TOKENS, input: 1 })).toBe(1n);
    expect(tokenCharge({ ...at, input: 499_999n as MicroCredits }, { ...NO_TOKENS, input: 1 })).toBe(0n);
  });

  it('[C5] never falls when one pool grows and the others stay', () => {
    fc.assert(
      fc.property(rates, meters, fc.tuple(fc.constantFrom(...POOLS), count), (at, used, [pool, more]) => {
        const grown = { ...used, [pool]: used[pool] + more };
        expect(tokenCharge(at, grown) >= tokenCharge(at, used)).toBe(true);
      }),
    );
  });

  it('[C4] costs more on the dearer model for the same tokens, in the proportion of the rates', () => {
    const small = priceFor({ model: 'small' });
    const large = priceFor({
      model: 'large',
      rates: { ...small.rates, input: creditsOf('600'), output: creditsOf('3000') },
    });
    const card = cardWith(small, large);
    const charge = (model: string): bigint => {
      const price = priceOf(card, model);
      if (price === undefined) throw new Error(`${model} is not on the card`);
      return tokenCharge(price.rates, { ...NO_TOKENS, input: 1_000, output: 200 });
    };
    expect([charge('small'), charge('large')]).toEqual([600_000n, 1_200_000n]);
    expect(priceOf(card, 'unknown')).toBeUndefined();
  });

  it('[C14] prices input read from a cache apart from fresh input', () => {
    const { rates: at } = priceFor();
    expect(tokenCharge(at, { ...NO_TOKENS, input: 1_000 })).toBe(300_000n);
    expect(tokenCharge(at, { ...NO_TOKENS, cachedInput: 1_000 })).toBe(30_000n);
  });

  it('[edge 47] keeps every digit of two million tokens at the dearest rate', () => {
    const at = { ...priceFor().rates, input: 3_000_000_001n as MicroCredits };
    expect(tokenCharge(at, { ...NO_TOKENS, input: 2_000_000 })).toBe(6_000_000_002n);
  });
});

describe('worstCase', () => {
  it('is at least the charge of any use inside the forecast, whichever pools it falls into', () => {
    fc.assert(
      fc.property(rates, meters, fc.record({ input: fc.nat(1_000), output: fc.nat(1_000) }), (at, used, spare) => {
        const input = used.input + used.cachedInput + used.cacheWrite + spare.input;
        const output = used.output + used.reasoning + spare.output;
        expect(worstCase(at, input, output) >= tokenCharge(at, used)).toBe(true);
      }),
    );
  });

  it('rounds up where a charge would round down', () => {
    const at = {
      ...priceFor().rates,
      input: 1n,
      cachedInput: 0n,
      cacheWrite: 0n,
      output: 0n,
      reasoning: 0n,
    } as TokenRates;
    expect(worstCase(at, 1, 0)).toBe(1n);
    expect(tokenCharge(at, { ...NO_TOKENS, input: 1 })).toBe(0n);
  });
});

describe('the smallest charge', () => {
  it('[C7] [W4] tops raw 0.03 up by a line of 0.07, and nothing that reached 0.1', () => {
    const minimum = creditsOf('0.1');
    expect(minimumLine(minimum, creditsOf('0.03'), true)).toBe(70_000n);
    expect(minimumLine(minimum, creditsOf('0'), true)).toBe(100_000n);
    expect(minimumLine(minimum, creditsOf('0.1'), true)).toBe(0n);
    expect(minimumLine(minimum, creditsOf('0.100001'), true)).toBe(0n);
  });

  it('[edge 46] is no line where no step was billable', () => {
    expect(minimumLine(creditsOf('0.1'), creditsOf('0'), false)).toBe(0n);
  });
});

describe('forecastStep', () => {
  const need = fc.record({ inputTokens: fc.nat(100_000), outputTokens: fc.integer({ min: 1, max: 20_000 }) });
  const ceiling = fc.bigInt(0n, 100_000_000n).map((value) => value as MicroCredits);
  const prices = fc
    .record({ at: rates, maxOutputTokens: fc.integer({ min: 1, max: 16_000 }) })
    .map(({ at, maxOutputTokens }) => priceFor({ rates: at, maxOutputTokens }));

  it('holds at most the ceiling, and enough for the longest answer it allows', () => {
    fc.assert(
      fc.property(prices, need, ceiling, (price, wanted, limit) => {
        const forecast = forecastStep(byTokens(price), wanted, limit);
        if ('needs' in forecast) {
          expect(forecast.needs > limit).toBe(true);
          return;
        }
        expect(forecast.hold <= limit).toBe(true);
        expect(forecast.hold).toBe(worstCase(price.rates, wanted.inputTokens, forecast.maxOutputTokens));
        const most = Math.min(wanted.outputTokens, price.maxOutputTokens);
        expect(forecast.maxOutputTokens).toBeLessThanOrEqual(most);
        expect(forecast.maxOutputTokens).toBeGreaterThanOrEqual(Math.min(most, LEAST_OUTPUT_TOKENS));
      }),
    );
  });

  it('never allows less for a higher ceiling, and refuses only below what it says it needs', () => {
    fc.assert(
      fc.property(prices, need, fc.tuple(ceiling, ceiling), (price, wanted, [one, other]) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        const poor = forecastStep(byTokens(price), wanted, low);
        const rich = forecastStep(byTokens(price), wanted, high);
        if ('needs' in poor) expect('needs' in forecastStep(byTokens(price), wanted, poor.needs)).toBe(false);
        else if ('needs' in rich) throw new Error('a higher ceiling was refused');
        else expect(rich.maxOutputTokens).toBeGreaterThanOrEqual(poor.maxOutputTokens);
      }),
    );
  });

  it('bounds input tokens by bytes and messages from above', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(20), (bytes, messages) => {
        expect(inputTokensUpTo(bytes, messages)).toBeGreaterThan(bytes);
        expect(inputTokensUpTo(bytes + 1, messages)).toBeGreaterThan(inputTokensUpTo(bytes, messages));
      }),
    );
  });
});

describe('bandOf', () => {
  it.each([
    ['0', null],
    ['0.000001', 'micro'],
    ['0.1', 'micro'],
    ['0.499999', 'micro'],
    ['0.5', 'small'],
    ['0.999999', 'small'],
    ['1', 'larger'],
    ['4.999999', 'larger'],
    ['5', 'open_ended'],
    ['20', 'open_ended'],
    ['20.000001', 'beyond'],
  ])('[C8] [X11] calls a charge of %s %s', (charge, band) => {
    expect(bandOf(creditsOf(charge))).toBe(band);
  });
});
