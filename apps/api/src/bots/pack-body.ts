// API room. A pack of several bots, as its owner offers it and as it is shown.
import { formatCredits } from '@fairmeter/domain';
import type { BotPack } from '@fairmeter/records';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { botIdField } from '../requests/fields.js';
import { nameText } from '../requests/texts.js';

const MAX_NAME_CHARACTERS = 100;
const MAX_BOTS = 20;

export const newPackBody = z.strictObject({
  name: nameText(MAX_NAME_CHARACTERS),
  allowances: z
    .array(
      z.strictObject({
        bot_id: botIdField,
        credits: creditAmount.refine((amount) => amount > 0n, 'must be above 0'),
      }),
    )
    .min(2)
    .max(MAX_BOTS)
    .refine((all) => new Set(all.map(({ bot_id: id }) => id)).size === all.length, 'must not name a bot twice')
    .describe('One for each bot; none is usable at another.'),
});

export const packBody = z.object({
  id: z.string(),
  name: z.string(),
  allowances: z.array(z.object({ bot_id: z.string(), credits })),
});
export type PackBody = z.output<typeof packBody>;

export const packsBody = z.object({ data: z.array(packBody) });
export type PacksBody = z.output<typeof packsBody>;

export const withdrawnBody = z.object({ id: z.string(), withdrawn: z.literal(true) });
export type WithdrawnBody = z.output<typeof withdrawnBody>;

export function toPackBody({ id, name, allowances }: Pick<BotPack, 'id' | 'name' | 'allowances'>): PackBody {
  return {
    id,
    name,
    allowances: allowances.map(({ botId, credits: of }) => ({ bot_id: botId, credits: formatCredits(of) })),
  };
}
