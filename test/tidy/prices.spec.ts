// Goal: what is reviewed in `prices/` is what a published card needs. Method: every file is read as the seed reads it.
import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { parseCredits, priceOf } from '@fairmeter/domain';
import { readRateCards } from '../../apps/cli/src/database/price-files.js';
import { bodyHashOf } from '../../libs/records/src/rate-cards-body.js';

const cards = readRateCards(fileURLToPath(new URL('../../prices', import.meta.url)));
const lines = cards.flatMap((card) => [...card.models, ...card.units].map((line) => ({ card, line })));
const modelLines = cards.flatMap((card) => card.models.map((price) => [`${card.id} ${price.model}`, price] as const));
const unitLines = cards.flatMap((card) => card.units.map((price) => [`${card.id} ${price.item}`, price] as const));
const newest = cards.at(-1);
/** Of a card that keeps both: a hundred credits are a dollar. */
const CREDITS_PER_DOLLAR = 100n;

describe('the files of prices/', () => {
  it('[C11] are dated, each announced before it takes effect, no two alike', () => {
    expect(cards.length).toBeGreaterThanOrEqual(2);
    expect(cards.filter((card) => card.announcedAt > card.effectiveFrom)).toEqual([]);
    for (const distinct of [cards.map(({ id }) => id), cards.map(({ effectiveFrom }) => effectiveFrom)]) {
      expect(new Set<unknown>(distinct).size).toBe(cards.length);
    }
  });

  it('price.pinned: [C11] keep what was published: the hash of each card is the one it had on its first day', () => {
    expect(Object.fromEntries(cards.map((card) => [card.id, bodyHashOf(card)]))).toEqual({
      card_2026_11_01: 'ee2ee205c507131c3abebccbe8bbe21fe6c5210051ce4c25564a5a9c994d7178',
      card_2026_11_21: '67c328c5b4c6351a987947c35b47a6efb8196be2d2e467956bbf7eb0eb65409f',
    });
  });

  it('[C7] charge at least 0.1 credits a job', () => {
    expect(cards.map(({ minimumCharge }) => minimumCharge)).toEqual(cards.map(() => parseCredits('0.1')));
  });

  it('say of each line where its figures come from, and have each line once', () => {
    expect(lines.filter(({ line }) => line.source.trim().length < 20)).toEqual([]);
    for (const card of cards) {
      const names = [...card.models.map(({ model }) => model), ...card.units.map(({ item }) => item)];
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it.each(modelLines)('%s has a plausible rate for each pool', (_, { rates, contextTokens, maxOutputTokens }) => {
    expect(Object.values(rates).every((rate: bigint) => rate > 0n)).toBe(true);
    expect(rates.cachedInput <= rates.input).toBe(true);
    expect(rates.cacheWrite >= rates.input).toBe(true);
    expect(rates.output >= rates.input).toBe(true);
    expect(rates.reasoning).toBe(rates.output);
    expect(contextTokens).toBeGreaterThanOrEqual(32_000);
    expect(maxOutputTokens).toBeGreaterThanOrEqual(4_096);
  });

  it.each(modelLines)('%s costs us what its credits say, or nothing where nobody sells it', (_, price) => {
    const known = Object.values(price.realCost).some((cost: bigint) => cost > 0n);
    if (!known) return;
    expect(price.provider).not.toBe('scripted');
    for (const [pool, rate] of Object.entries(price.rates) as [keyof typeof price.rates, bigint][]) {
      expect([pool, rate]).toEqual([pool, price.realCost[pool] * CREDITS_PER_DOLLAR]);
    }
  });

  it.each(unitLines)('[C6] %s has a bound for its hold and a price unless it is packaging', (_, price) => {
    expect(price.most.seconds).toBeGreaterThan(0);
    expect(price.most.bytes).toBeGreaterThan(0);
    const priced = Object.values(price.rates).some((rate: bigint) => rate > 0n);
    expect(priced).toBe(price.kind !== 'packaging');
  });
});

describe('the newest card', () => {
  it('[C13] [E19] has models of six providers, and premium ones that cost more than any standard one', () => {
    const models = newest?.models ?? [];
    const providers = new Set(models.map(({ provider }) => provider));
    expect([...providers].sort()).toEqual(
      ['anthropic', 'deepseek', 'google', 'mistral', 'openai', 'scripted', 'xai'].sort(),
    );
    expect(models.filter(({ provider }) => provider !== 'scripted').length).toBeGreaterThanOrEqual(15);
    const outputOf = (tier: string): bigint[] =>
      models.filter((one) => one.tier === tier).map((one) => one.rates.output);
    const dearest = outputOf('standard').reduce((a, b) => (a > b ? a : b));
    expect(outputOf('premium').length).toBeGreaterThan(0);
    expect(outputOf('premium').every((rate) => rate > dearest)).toBe(true);
  });

  it('[C11] changes a price and leaves the card before as it was', () => {
    const [before] = cards;
    if (before === undefined || newest === undefined) throw new Error('there are no cards');
    expect(priceOf(before, 'demo-chat')?.rates.input).toBe(parseCredits('60'));
    expect(priceOf(newest, 'demo-chat')?.rates.input).toBe(parseCredits('50'));
    expect(priceOf(newest, 'demo-coder')?.rates).toEqual(priceOf(before, 'demo-coder')?.rates);
  });

  it('prices the tools, the build and the packaging of a managed job', () => {
    const items = newest?.units.map(({ item }) => item) ?? [];
    for (const item of ['tool.list', 'tool.read', 'tool.write', 'tool.search', 'tool.patch', 'tool.check']) {
      expect(items).toContain(item);
    }
    expect(items).toEqual(expect.arrayContaining(['preview.build', 'packaging']));
  });
});
