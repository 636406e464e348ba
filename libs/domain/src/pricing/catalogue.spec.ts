// Goal: models can be compared by what they cost and by who may use them.
import { describe, expect, it } from '@jest/globals';
import { cardWith, creditsOf, priceFor } from '../../../../test/harness/orders.js';
import { allowedPlans, relativeCostInTenths } from './catalogue.js';

const small = priceFor({ model: 'small' });
const rates = { ...small.rates, input: creditsOf('600'), output: creditsOf('3000') };
const large = priceFor({ model: 'large', tier: 'premium', rates });

describe('the catalogue', () => {
  it('[C13] tells what a model costs beside the cheapest of its card', () => {
    const card = cardWith(small, large);
    expect(card.models.map((model) => relativeCostInTenths(model, card))).toEqual([10n, 20n]);
  });

  it('[C13] has a cost for every model where one is free', () => {
    const none = creditsOf('0');
    const free = priceFor({
      model: 'free',
      rates: { input: none, cachedInput: none, cacheWrite: none, output: none, reasoning: none },
    });
    const card = cardWith(free, small);
    expect(relativeCostInTenths(small, card)).toBe(10n);
    expect(relativeCostInTenths(free, cardWith(free))).toBe(10n);
  });

  it('[E19] leaves a model to the plans that allow its tier, and to those that name it', () => {
    const standard = ['standard'] as const;
    const plans = [
      { name: 'free', models: { tiers: [], names: ['small'] } },
      { name: 'standard', models: { tiers: standard, names: [] } },
      { name: 'premium', models: { tiers: standard, names: ['large'] } },
    ];
    expect(allowedPlans(small, plans)).toEqual(['free', 'standard', 'premium']);
    expect(allowedPlans(large, plans)).toEqual(['premium']);
  });
});
