// API room. The models as owners see them: credits and plans. What they cost us is nobody's business here.
import type { ModelPrice, TokenRates } from '@fairmeter/domain';
import { allowedPlans, formatCredits, MODEL_TIERS, relativeCostInTenths } from '@fairmeter/domain';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';
import type { ModelsAnswer } from './catalogue-reader.js';

export const tokenRates = z
  .object({ input: credits, cached_input: credits, cache_write: credits, output: credits, reasoning: credits })
  .describe('Credits per million tokens of each pool. No token is counted in two of them.');

export const modelLine = z.object({
  model: z.string(),
  provider: z.string(),
  family: z.string(),
  tier: z.enum(MODEL_TIERS),
  context_tokens: z.int(),
  max_output_tokens: z.int(),
  credits_per_million: tokenRates,
});

export const modelsBody = z.object({
  rate_card_id: z.string(),
  data: z.array(
    modelLine.extend({
      relative_cost: z
        .string()
        .describe('How many times the cheapest model of the card, at three tokens read for each written.'),
      allowed_plans: z.array(z.string()).describe('The plans whose jobs may use it.'),
    }),
  ),
  next_cursor: z.string().nullable(),
});
export type ModelsBody = z.output<typeof modelsBody>;

export function toModelsBody({ card, plans, models, nextCursor }: ModelsAnswer): ModelsBody {
  return {
    rate_card_id: card.id,
    data: models.map((price) => ({
      ...toModelLine(price),
      relative_cost: inTenths(relativeCostInTenths(price, card)),
      allowed_plans: [...allowedPlans(price, plans)],
    })),
    next_cursor: nextCursor,
  };
}

export function toModelLine(price: ModelPrice): z.output<typeof modelLine> {
  return {
    model: price.model,
    provider: price.provider,
    family: price.family,
    tier: price.tier,
    context_tokens: price.contextTokens,
    max_output_tokens: price.maxOutputTokens,
    credits_per_million: toTokenRates(price.rates),
  };
}

function toTokenRates(rates: TokenRates): z.output<typeof tokenRates> {
  return {
    input: formatCredits(rates.input),
    cached_input: formatCredits(rates.cachedInput),
    cache_write: formatCredits(rates.cacheWrite),
    output: formatCredits(rates.output),
    reasoning: formatCredits(rates.reasoning),
  };
}

function inTenths(tenths: bigint): string {
  return `${tenths / 10n}.${tenths % 10n}`;
}
