// API room. Rate cards as owners see them, line by line.
import type { RateCard } from '@fairmeter/domain';
import { formatCredits, instantToText, UNIT_KINDS } from '@fairmeter/domain';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import type { CardsAnswer } from './catalogue-reader.js';
import { modelLine, toModelLine } from './models-body.js';

const cardHead = z.object({
  id: z.string(),
  announced_at: instantText,
  effective_from: instantText.describe('Jobs admitted from here on are priced by it, each for all its life.'),
  minimum_charge: credits.describe('The smallest charge of a job with a billable step.'),
  current: z.boolean().describe('Whether it is the one in force.'),
});

export const rateCardsBody = z.object({
  data: z.array(cardHead).describe('Newest first, those to come included.'),
  next_cursor: z.string().nullable(),
});
export type RateCardsBody = z.output<typeof rateCardsBody>;

const unitLine = z.object({
  item: z.string(),
  kind: z.enum(UNIT_KINDS),
  credits: z.object({ per_call: credits, per_second: credits, per_million_bytes: credits }),
  most: z
    .object({ seconds: z.int(), bytes: z.int() })
    .describe('What one call may use at most; its hold is made for that.'),
});

export const rateCardBody = cardHead.extend({ models: z.array(modelLine), units: z.array(unitLine) });
export type RateCardBody = z.output<typeof rateCardBody>;

export function toRateCardsBody({ cards, currentId, nextCursor }: CardsAnswer): RateCardsBody {
  return { data: cards.map((card) => headBody(card, card.id === currentId)), next_cursor: nextCursor };
}

export function toRateCardBody({ card, current }: { card: RateCard; current: boolean }): RateCardBody {
  return {
    ...headBody(card, current),
    models: card.models.map(toModelLine),
    units: card.units.map(({ item, kind, rates, most }) => ({
      item,
      kind,
      credits: {
        per_call: formatCredits(rates.perCall),
        per_second: formatCredits(rates.perSecond),
        per_million_bytes: formatCredits(rates.perMillionBytes),
      },
      most: { ...most },
    })),
  };
}

function headBody(card: CardsAnswer['cards'][number], current: boolean): z.output<typeof cardHead> {
  return {
    id: card.id,
    announced_at: instantToText(card.announcedAt),
    effective_from: instantToText(card.effectiveFrom),
    minimum_charge: formatCredits(card.minimumCharge),
    current,
  };
}
