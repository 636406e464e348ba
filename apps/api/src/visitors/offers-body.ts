// API room. What a visitor may get at a bot, with what has to be said before.
import { formatCredits } from '@fairmeter/domain';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';
import { coinPrice } from '../purchases/purchase-body.js';
import type { Language } from '../wording/catalogue.js';
import { LANGUAGES } from '../wording/catalogue.js';
import { optionBody, optionsAtZero, toldBody, toldOf } from './at-zero.js';
import type { UnitsOfVisitor } from './usage-units.js';

const pack = z.object({
  id: z.string(),
  units: credits.describe('Usage units, used up by answers of this bot; they have no end.'),
  price: coinPrice,
});

export const myOffersBody = z.object({
  bot_id: z.string(),
  language: z.enum(LANGUAGES),
  packs: z.array(pack),
  told: z.array(toldBody).describe('To be shown before anything is bought.'),
  at_zero: z.array(optionBody),
});
export type MyOffersBody = z.output<typeof myOffersBody>;

export function toMyOffersBody(
  botId: string,
  { bot, offers, means }: UnitsOfVisitor,
  language: Language,
): MyOffersBody {
  return {
    bot_id: botId,
    language,
    packs: offers.map(({ id, units, price }) => ({ id, units: formatCredits(units), price })),
    told: toldOf(language, bot),
    at_zero: optionsAtZero(language, means),
  };
}
