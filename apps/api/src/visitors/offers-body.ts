// API room. What a visitor may get at a bot, with what has to be said before.
import { formatCredits } from '@fairmeter/domain';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';
import { coinPrice, toCoinPrice } from '../purchases/purchase-body.js';
import type { Language } from '../wording/catalogue.js';
import { LANGUAGES } from '../wording/catalogue.js';
import { optionBody, optionsAtZero, toldBody, toldOf } from './at-zero.js';
import type { UnitsOfVisitor } from './usage-units.js';
import { limitedPlan, toLimitedPlan } from './visitor-limits.js';

const pack = z.object({
  id: z.string(),
  name: z.string(),
  units: credits.describe('Usage units, used up by answers of this bot; they have no end.'),
  at_other_bots: z
    .array(z.object({ bot_id: z.string(), units: credits }))
    .describe('What comes along for other bots, each usable there alone. To get it takes a token of each.'),
  price: coinPrice,
});

export const myOffersBody = z.object({
  bot_id: z.string(),
  language: z.enum(LANGUAGES),
  packs: z.array(pack),
  plans: z.array(limitedPlan).describe('None unless the bot\u2019s owner offers some.'),
  told: z.array(toldBody).describe('To be shown before anything is bought.'),
  at_zero: z.array(optionBody),
});
export type MyOffersBody = z.output<typeof myOffersBody>;

export function toMyOffersBody(
  botId: string,
  { bot, limiting, offers, plans, means }: UnitsOfVisitor,
  language: Language,
): MyOffersBody {
  return {
    bot_id: botId,
    language,
    packs: offers.map(({ id, name, units, elsewhere, price }) => ({
      id,
      name,
      units: formatCredits(units),
      at_other_bots: elsewhere.map((one) => ({ bot_id: one.botId, units: formatCredits(one.units) })),
      price: toCoinPrice(price),
    })),
    plans: limiting === null ? [] : plans.map((plan) => toLimitedPlan(plan, limiting)),
    told: toldOf(language, bot),
    at_zero: optionsAtZero(language, means),
  };
}
