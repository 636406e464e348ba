// Records room. Rate cards: published once, never changed, read often and therefore remembered.
import { createHash } from 'node:crypto';
import type { Instant, ModelPrice, RateCard } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { ModelPriceRow, RateCardRow } from './rows/rate-card.row.js';

/** A card with the place each price was read from: what a reviewed file in `prices/` holds. */
export interface PublishedCard extends RateCard {
  readonly models: readonly (ModelPrice & { readonly source: string })[];
}

const remembered = new Map<string, RateCard>();

/** A card never changes under its id, so what was read once stays true. */
export async function readRateCard(tx: EntityManager, id: string): Promise<RateCard> {
  const known = remembered.get(id);
  if (known !== undefined) return known;
  const row = await tx.getRepository(RateCardRow).findOneByOrFail({ id });
  const lines = await tx.getRepository(ModelPriceRow).find({ where: { rateCardId: id }, order: { model: 'ASC' } });
  const card: RateCard = {
    id: row.id,
    effectiveFrom: row.effectiveFrom,
    minimumCharge: row.minimumCharge,
    models: lines.map(priceFromRow),
  };
  remembered.set(id, card);
  return card;
}

export async function currentRateCardId(tx: EntityManager, asOf: Instant): Promise<string | null> {
  const card = await tx
    .getRepository(RateCardRow)
    .createQueryBuilder('card')
    .where('card.effectiveFrom <= :asOf', { asOf: new Date(asOf) })
    .orderBy('card.effectiveFrom', 'DESC')
    .limit(1)
    .getOne();
  return card?.id ?? null;
}

/** Publishing the same card again is nothing; publishing another body under a known id is refused. */
export async function publishRateCard(tx: EntityManager, card: PublishedCard): Promise<'published' | 'known'> {
  const bodySha256 = createHash('sha256').update(JSON.stringify(card, asText)).digest('hex');
  // Two processes that start at once publish the same files: the second must find what the first has committed.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`rate-card/${card.id}`]);
  const known = await tx.getRepository(RateCardRow).findOneBy({ id: card.id });
  if (known !== null) {
    if (known.bodySha256 !== bodySha256) throw new Error(`rate card ${card.id} is published with other figures`);
    return 'known';
  }
  await tx.getRepository(RateCardRow).insert({
    id: card.id,
    effectiveFrom: card.effectiveFrom,
    minimumCharge: card.minimumCharge,
    bodySha256,
  });
  await tx.getRepository(ModelPriceRow).insert(card.models.map((price) => priceToRow(card.id, price)));
  return 'published';
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function priceFromRow(row: ModelPriceRow): ModelPrice {
  return {
    model: row.model,
    provider: row.provider,
    providerModel: row.providerModel,
    contextTokens: row.contextTokens,
    maxOutputTokens: row.maxOutputTokens,
    rates: {
      input: row.inputRate,
      cachedInput: row.cachedInputRate,
      cacheWrite: row.cacheWriteRate,
      output: row.outputRate,
      reasoning: row.reasoningRate,
    },
  };
}

function priceToRow(rateCardId: string, price: PublishedCard['models'][number]): ModelPriceRow {
  return {
    rateCardId,
    model: price.model,
    provider: price.provider,
    providerModel: price.providerModel,
    contextTokens: price.contextTokens,
    maxOutputTokens: price.maxOutputTokens,
    inputRate: price.rates.input,
    cachedInputRate: price.rates.cachedInput,
    cacheWriteRate: price.rates.cacheWrite,
    outputRate: price.rates.output,
    reasoningRate: price.rates.reasoning,
    source: price.source,
  };
}
