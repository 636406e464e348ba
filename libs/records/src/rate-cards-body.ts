// Records room. What of a card is published, as one text: its hash tells the same card from another under the same id.
import { createHash } from 'node:crypto';
import type { ModelPrice, PerTokenPool, RateCard, UnitPrice } from '@fairmeter/domain';

/** A card with the place each price was read from: what a reviewed file in `prices/` holds. */
export interface PublishedCard extends RateCard {
  readonly models: readonly (ModelPrice & { readonly source: string })[];
  readonly units: readonly (UnitPrice & { readonly source: string })[];
}

/** A card that says nothing beyond what cards said at first keeps the hash it was published with. */
export function bodyHashOf(card: PublishedCard): string {
  const body = {
    id: card.id,
    effectiveFrom: card.effectiveFrom,
    minimumCharge: card.minimumCharge,
    models: card.models.map(modelBody),
    ...(card.announcedAt === card.effectiveFrom ? {} : { announcedAt: card.announcedAt }),
    ...(card.units.length === 0 ? {} : { units: card.units }),
  };
  return createHash('sha256').update(JSON.stringify(body, asText)).digest('hex');
}

function modelBody(price: PublishedCard['models'][number]): Record<string, unknown> {
  const { tier, family, realCost } = price;
  return {
    model: price.model,
    provider: price.provider,
    providerModel: price.providerModel,
    contextTokens: price.contextTokens,
    maxOutputTokens: price.maxOutputTokens,
    rates: inPools(price.rates),
    source: price.source,
    ...(tier === 'standard' ? {} : { tier }),
    ...(family === price.provider ? {} : { family }),
    ...(Object.values(realCost).every((cost) => cost === 0n) ? {} : { realCost: inPools(realCost) }),
  };
}

function inPools(at: PerTokenPool<bigint>): PerTokenPool<bigint> {
  const { input, cachedInput, cacheWrite, output, reasoning } = at;
  return { input, cachedInput, cacheWrite, output, reasoning };
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
