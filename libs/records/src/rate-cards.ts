// Records room. Rate cards: published once, never changed, read often and therefore remembered.
import type { Instant, MicroCredits, ModelPrice, RateCard, UnitPrice } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { PublishedCard } from './rate-cards-body.js';
import { bodyHashOf } from './rate-cards-body.js';
import { ModelPriceRow, RateCardRow, UnitPriceRow } from './rows/rate-card.row.js';

const remembered = new Map<string, RateCard>();

/** A card never changes under its id, so what was read once stays true. */
export async function readRateCard(tx: EntityManager, id: string): Promise<RateCard> {
  const known = remembered.get(id) ?? (await findRateCard(tx, id));
  if (known === null) throw new Error(`there is no rate card ${id}`);
  return known;
}

export async function findRateCard(tx: EntityManager, id: string): Promise<RateCard | null> {
  const row = await tx.getRepository(RateCardRow).findOneBy({ id });
  if (row === null) return null;
  const models = await tx.getRepository(ModelPriceRow).find({ where: { rateCardId: id }, order: { model: 'ASC' } });
  const units = await tx.getRepository(UnitPriceRow).find({ where: { rateCardId: id }, order: { item: 'ASC' } });
  const card: RateCard = { ...headOf(row), models: models.map(priceFromRow), units: units.map(unitFromRow) };
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

/** A card without its lines. */
export interface RateCardHead {
  readonly id: string;
  readonly announcedAt: Instant;
  readonly effectiveFrom: Instant;
  readonly minimumCharge: MicroCredits;
}

/** The newest first, those to come included: a change is told before it takes effect. */
export async function listRateCards(
  tx: EntityManager,
  page: { readonly before: Instant | null; readonly limit: number },
): Promise<RateCardHead[]> {
  const cards = tx.getRepository(RateCardRow).createQueryBuilder('card').orderBy('card.effectiveFrom', 'DESC');
  if (page.before !== null) cards.where('card.effectiveFrom < :before', { before: new Date(page.before) });
  return (await cards.limit(page.limit).getMany()).map(headOf);
}

/** Publishing the same card again is nothing; publishing another body under a known id is refused. */
export async function publishRateCard(tx: EntityManager, card: PublishedCard): Promise<'published' | 'known'> {
  if (card.effectiveFrom < card.announcedAt) {
    throw new Error(`rate card ${card.id} takes effect before it is announced`);
  }
  const bodySha256 = bodyHashOf(card);
  // Two processes that start at once publish the same files: the second must find what the first has committed.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`rate-card/${card.id}`]);
  const known = await tx.getRepository(RateCardRow).findOneBy({ id: card.id });
  if (known !== null) {
    if (known.bodySha256 !== bodySha256) throw new Error(`rate card ${card.id} is published with other figures`);
    return 'known';
  }
  await tx.getRepository(RateCardRow).insert({
    id: card.id,
    announcedAt: card.announcedAt,
    effectiveFrom: card.effectiveFrom,
    minimumCharge: card.minimumCharge,
    bodySha256,
  });
  await tx.getRepository(ModelPriceRow).insert(card.models.map((price) => priceToRow(card.id, price)));
  await tx.getRepository(UnitPriceRow).insert(card.units.map((price) => unitToRow(card.id, price)));
  return 'published';
}

function headOf({ id, announcedAt, effectiveFrom, minimumCharge }: RateCardRow): RateCardHead {
  return { id, announcedAt, effectiveFrom, minimumCharge };
}

function priceFromRow(row: ModelPriceRow): ModelPrice {
  return {
    model: row.model,
    provider: row.provider,
    providerModel: row.providerModel,
    tier: row.tier,
    family: row.family,
    contextTokens: row.contextTokens,
    maxOutputTokens: row.maxOutputTokens,
    rates: {
      input: row.inputRate,
      cachedInput: row.cachedInputRate,
      cacheWrite: row.cacheWriteRate,
      output: row.outputRate,
      reasoning: row.reasoningRate,
    },
    realCost: {
      input: row.inputCost,
      cachedInput: row.cachedInputCost,
      cacheWrite: row.cacheWriteCost,
      output: row.outputCost,
      reasoning: row.reasoningCost,
    },
  };
}

function priceToRow(rateCardId: string, price: PublishedCard['models'][number]): ModelPriceRow {
  const { rates, realCost } = price;
  return {
    rateCardId,
    model: price.model,
    provider: price.provider,
    providerModel: price.providerModel,
    tier: price.tier,
    family: price.family,
    contextTokens: price.contextTokens,
    maxOutputTokens: price.maxOutputTokens,
    inputRate: rates.input,
    cachedInputRate: rates.cachedInput,
    cacheWriteRate: rates.cacheWrite,
    outputRate: rates.output,
    reasoningRate: rates.reasoning,
    inputCost: realCost.input,
    cachedInputCost: realCost.cachedInput,
    cacheWriteCost: realCost.cacheWrite,
    outputCost: realCost.output,
    reasoningCost: realCost.reasoning,
    source: price.source,
  };
}

function unitFromRow(row: UnitPriceRow): UnitPrice {
  return {
    item: row.item,
    kind: row.kind,
    rates: { perCall: row.callRate, perSecond: row.secondRate, perMillionBytes: row.millionBytesRate },
    realCost: { perCall: row.callCost, perSecond: row.secondCost, perMillionBytes: row.millionBytesCost },
    most: { seconds: row.mostSeconds, bytes: row.mostBytes },
  };
}

function unitToRow(rateCardId: string, price: PublishedCard['units'][number]): UnitPriceRow {
  const { rates, realCost, most } = price;
  return {
    rateCardId,
    item: price.item,
    kind: price.kind,
    callRate: rates.perCall,
    secondRate: rates.perSecond,
    millionBytesRate: rates.perMillionBytes,
    callCost: realCost.perCall,
    secondCost: realCost.perSecond,
    millionBytesCost: realCost.perMillionBytes,
    mostSeconds: most.seconds,
    mostBytes: most.bytes,
    source: price.source,
  };
}
