// API room. A pack of credits for the visitors of one bot or of several, as its owner offers it and as it is shown.
import { formatCredits } from '@fairmeter/domain';
import type { Pack } from '@fairmeter/records';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { coinPrice, priceField, toCoinPrice } from '../purchases/purchase-body.js';
import { botIdField } from '../requests/fields.js';
import { nameText } from '../requests/texts.js';

const MAX_NAME_CHARACTERS = 100;
const MAX_BOTS = 20;

const packShape = {
  name: nameText(MAX_NAME_CHARACTERS).describe('Visitors read it.'),
  allowances: z
    .array(
      z.strictObject({
        bot_id: botIdField,
        credits: creditAmount.refine((amount) => amount > 0n, 'must be above 0'),
      }),
    )
    .min(1)
    .max(MAX_BOTS)
    .refine((all) => new Set(all.map(({ bot_id: id }) => id)).size === all.length, 'must not name a bot twice')
    .describe('One for each bot; none is usable at another.'),
  price: priceField.describe('Of all of it, once.'),
};

export const newPackBody = z.strictObject(packShape);
export type NewPackBody = z.output<typeof newPackBody>;

export const changePackBody = z
  .strictObject(packShape)
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'must change something');
export type ChangePackBody = z.output<typeof changePackBody>;

export const packBody = z.object({
  id: z.string(),
  version: z.int().describe('Each change is another one; what was bought stays as it was.'),
  product_id: z.string().describe('Of this version: what visitors name when they buy.'),
  name: z.string(),
  allowances: z.array(z.object({ bot_id: z.string(), credits })),
  price: coinPrice,
});
export type PackBody = z.output<typeof packBody>;

export const packsBody = z.object({ data: z.array(packBody), next_cursor: z.string().nullable() });
export type PacksBody = z.output<typeof packsBody>;

export const withdrawnBody = z.object({ id: z.string(), withdrawn: z.literal(true) });
export type WithdrawnBody = z.output<typeof withdrawnBody>;

export function toPackBody({ id, packId, version, name, allowances, price }: Pack): PackBody {
  return {
    id: packId,
    version,
    product_id: id,
    name,
    allowances: allowances.map(({ botId, credits: of }) => ({ bot_id: botId, credits: formatCredits(of) })),
    price: toCoinPrice(price),
  };
}
