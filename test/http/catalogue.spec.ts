// Goal: anybody with a key can see what models cost and which cards there were, and nobody what they cost us.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { modelsBody } from '../../apps/api/src/catalogue/models-body.js';
import { plansBody } from '../../apps/api/src/catalogue/plans-body.js';
import { rateCardBody, rateCardsBody } from '../../apps/api/src/catalogue/rate-cards-body.js';
import { BotClient } from '../harness/bot-client.js';
import { openBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';

interface CardFile {
  readonly models: readonly { readonly model: string; readonly credits_per_million: Record<string, string> }[];
  readonly units?: readonly { readonly item: string }[];
}

const fileOf = (date: string): CardFile =>
  JSON.parse(readFileSync(new URL(`../../prices/rate-card.${date}.json`, import.meta.url), 'utf8')) as CardFile;

describe('the catalogue', () => {
  let stack: TestStack;
  let client: BotClient;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startApi();
    client = new BotClient(stack, await openBot(stack));
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function allModels(limit: number): Promise<ReturnType<typeof modelsBody.parse>['data']> {
    const found: ReturnType<typeof modelsBody.parse>['data'] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await client.get(`/v1/models?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = modelsBody.parse(body);
      expect(page.data.length).toBeLessThanOrEqual(limit);
      found.push(...page.data);
      cursor = page.next_cursor;
    }
    return found;
  }

  it('[C13] [E1] lists every model of the card in force with tier, rates, relative cost and plans', async () => {
    const models = await allModels(7);
    const file = fileOf('2026-11-21');
    expect(models.map(({ model }) => model).sort()).toEqual(file.models.map(({ model }) => model).sort());
    for (const { model, credits_per_million: rates } of file.models) {
      expect(models.find((one) => one.model === model)?.credits_per_million).toEqual(rates);
    }
    const of = (model: string): (typeof models)[number] | undefined => models.find((one) => one.model === model);
    expect(of('demo-coder')).toMatchObject({ tier: 'standard', family: 'scripted', context_tokens: 200_000 });
    expect(of('demo-coder')?.allowed_plans).toEqual(['free', 'standard', 'premium', 'business', 'custom']);
    expect(of('demo-premium')).toMatchObject({ tier: 'premium', allowed_plans: ['premium', 'business', 'custom'] });
    const times = models.map(({ relative_cost: cost }) => Number(cost));
    expect(Math.min(...times)).toBe(1);
    expect(Math.max(...times)).toBeGreaterThan(50);
  });

  it('[E18] [E5] shows anybody the plans side by side, and nobody what was agreed with one account', async () => {
    const listed = async (query: string): Promise<(typeof plansBody)['_output']['data']> =>
      plansBody.parse(await (await fetch(`${stack.apiUrl}/v1/plans${query}`)).json()).data;
    const plans = await listed('');
    expect(plans.map(({ id, credits, billing }) => [id, credits.per_period, credits.period, billing?.period])).toEqual([
      ['plan_free', '50.000000', 'P30D', undefined],
      ['plan_standard', '300.000000', 'P1M', 'P1M'],
      ['plan_standard_annual', '300.000000', 'P1M', 'P1Y'],
      ['plan_premium', '1000.000000', 'P1M', 'P1M'],
      ['plan_premium_annual', '1000.000000', 'P1M', 'P1Y'],
      ['plan_business', '2000.000000', 'P1M', 'P1M'],
      ['plan_business_annual', '2000.000000', 'P1M', 'P1Y'],
      ['plan_visitor', '10.000000', 'P1M', 'P1M'],
      ['plan_visitor_plus', '40.000000', 'P1M', 'P1M'],
    ]);
    expect(plans.find(({ id }) => id === 'plan_premium')).toMatchObject({
      version: 1,
      tier: 2,
      credits: { per_day: '10.000000' },
      billing: { price: { amount_minor: '8900', iso_4217: 'eur' } },
      team_seats: 5,
      features: ['artefacts', 'premium_models', 'team'],
      limits: { max_iterations: 100, max_concurrent_jobs: 20, models: { tiers: ['standard', 'premium'] } },
    });
    expect((await listed('?scope=end_user')).map(({ id }) => id)).toEqual(['plan_visitor', 'plan_visitor_plus']);
    expect((await fetch(`${stack.apiUrl}/v1/plans?scope=bot`)).status).toBe(422);
  });

  it('[C11] lists the cards, newest first, and each with its lines', async () => {
    const cards = rateCardsBody.parse((await client.get('/v1/rate-cards')).body);
    expect(cards.data.map(({ id, current }) => [id, current])).toEqual([
      ['card_2026_11_21', true],
      ['card_2026_11_01', false],
    ]);
    for (const card of cards.data) {
      expect(Date.parse(card.announced_at)).toBeLessThanOrEqual(Date.parse(card.effective_from));
    }
    const first = rateCardsBody.parse((await client.get('/v1/rate-cards?limit=1')).body);
    const second = rateCardsBody.parse((await client.get(`/v1/rate-cards?limit=1&cursor=${first.next_cursor}`)).body);
    expect([...first.data, ...second.data]).toEqual(cards.data);
    expect(second.next_cursor).toBeNull();
    const older = rateCardBody.parse((await client.get('/v1/rate-cards/card_2026_11_01')).body);
    expect(older.models.find(({ model }) => model === 'demo-chat')?.credits_per_million.input).toBe('60.000000');
    expect(older.units).toEqual([]);
    const newer = rateCardBody.parse((await client.get('/v1/rate-cards/card_2026_11_21')).body);
    expect(newer.models.find(({ model }) => model === 'demo-chat')?.credits_per_million.input).toBe('50.000000');
    expect(newer.units.map(({ item }) => item).sort()).toEqual(
      (fileOf('2026-11-21').units ?? []).map(({ item }) => item).sort(),
    );
  });

  it('[C3] shows no real cost and no source anywhere', async () => {
    for (const path of ['/v1/models?limit=200', '/v1/rate-cards', '/v1/rate-cards/card_2026_11_21']) {
      const { status, body } = await client.get(path);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toMatch(/real|usd|dollar|source|http/i);
    }
  });

  it('asks for a key, and refuses what is not there or not understood', async () => {
    const codeOf = async (path: string, key?: string): Promise<readonly unknown[]> => {
      const response = await fetch(`${stack.apiUrl}${path}`, {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      });
      const body = (await response.json()) as Readonly<Record<string, unknown>>;
      return [response.status, body['code']];
    };
    for (const path of ['/v1/models', '/v1/rate-cards', '/v1/rate-cards/card_2026_11_21']) {
      expect(await codeOf(path)).toEqual([401, 'unauthenticated']);
    }
    const answer = async (path: string): Promise<readonly unknown[]> => {
      const { status, body } = await client.get(path);
      return [status, body['code']];
    };
    expect(await answer('/v1/rate-cards/card_none')).toEqual([404, 'not_found']);
    const first = await client.get('/v1/models?limit=1');
    for (const path of [
      '/v1/models?limit=0',
      '/v1/models?tier=premium',
      '/v1/rate-cards?cursor=x',
      `/v1/rate-cards?cursor=${String(first.body['next_cursor'])}`,
    ]) {
      expect([path, await answer(path)]).toEqual([path, [422, 'validation_failed']]);
    }
  });

  it('tells nothing by a made-up cursor of a card that is not there', async () => {
    const cursor = Buffer.from('1:models:card_none:0').toString('base64url');
    const { status, body } = await client.get(`/v1/models?cursor=${cursor}`);
    expect([status, body['code']]).toEqual([422, 'validation_failed']);
  });
});
